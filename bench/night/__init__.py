"""The night of docs/night.md, played: its page and the pictures of docs/images are made of it."""
