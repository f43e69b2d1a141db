"""How a statement's page is drawn: as HTML, and as PDF by typst."""
