"""Strict stand-ins of the platforms, written from their documents and from nothing of `shared`."""
