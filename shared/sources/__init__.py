"""The shop platforms. To add one: a folder, its captured events, and one line in `registry.py`."""
