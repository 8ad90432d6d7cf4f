"""Our words for what happens in a shop. The standard library alone; no platform's field names."""
