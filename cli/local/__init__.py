"""The local stack: the real handlers, with emulated AWS, gateway and platforms."""
