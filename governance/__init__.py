"""How members decide, and the rules they decided."""
