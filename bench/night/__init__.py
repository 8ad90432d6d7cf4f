"""docs/night.md: run its commands on the local stack, and write it and docs/images again."""
