"""No property fails for taking long: how quick the house is, `make bench` says, never a test."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
