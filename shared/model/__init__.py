"""The domain model of a shop. It imports only the standard library and msgspec."""
