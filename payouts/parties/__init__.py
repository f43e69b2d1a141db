"""Parties that are no members, and money in other currencies."""
