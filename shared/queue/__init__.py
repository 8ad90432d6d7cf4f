"""Getting a webhook to a platform: envelope, queue, sender, breaker, schedule, verdicts."""
