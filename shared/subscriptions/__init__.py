"""A shop's subscriptions: read, compared with what is wanted, and corrected."""
