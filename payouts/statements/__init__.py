"""A member's statement: its figures, its page, and how the page proves itself."""
