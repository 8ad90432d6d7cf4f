"""Yespo, by "Transferring Website Behavior Data via REST API"."""
