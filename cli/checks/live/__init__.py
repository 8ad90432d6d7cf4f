"""Checks of a merchant's stores and platforms with read-only requests."""
