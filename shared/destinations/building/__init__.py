"""Shared parts of all destinations: field types, the encoding of a body, the id in a feed."""
