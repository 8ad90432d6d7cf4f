"""The shop platforms. To add one, add a folder, its captured events and a line in `registry.py`."""
