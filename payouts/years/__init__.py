"""The book year: its close, its tax, and how its result is shared."""
