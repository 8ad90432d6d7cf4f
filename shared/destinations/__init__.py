"""The platforms. To add one, add a folder, its golden files, and one line in `registry.py`."""
