"""One delivery from end to end: claim, attempt, settle, commit. It knows only contracts."""
