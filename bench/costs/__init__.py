"""What a million webhooks cost on AWS: measured operations and bytes, times list prices."""
