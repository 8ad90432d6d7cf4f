"""One delivery from end to end: claim, attempt, and what follows. Knows only contracts."""
