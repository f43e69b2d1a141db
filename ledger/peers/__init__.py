"""Neighbours of a ledger: copies of it, witnesses of its growth, the service and the homes that reach it from afar."""
