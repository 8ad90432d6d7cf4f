"""The platforms. To add one: a folder, its golden files, and one line in `registry.py`."""
