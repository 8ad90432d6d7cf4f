"""What a shop was asked to send us: looked at, compared with what is wanted, and put right."""
