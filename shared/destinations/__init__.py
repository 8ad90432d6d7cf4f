"""The platforms. To add one, add a folder, its golden files and a line in `registry.py`."""
