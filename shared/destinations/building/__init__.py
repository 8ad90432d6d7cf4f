"""What every destination builds with: types of fields, a body's bytes, the id in a feed."""
