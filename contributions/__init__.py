"""The work that people give."""
