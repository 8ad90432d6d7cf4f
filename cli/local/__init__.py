"""The local stack: the real handlers; AWS, the gateway and the platforms are played."""
