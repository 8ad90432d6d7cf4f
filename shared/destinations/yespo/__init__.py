"""Yespo, from its document "Transferring Website Behavior Data via REST API"."""
