"""What every destination writes with: the types of fields, a body's bytes, the id in a feed."""
