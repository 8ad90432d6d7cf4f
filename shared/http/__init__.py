"""Calls to platforms and shops over HTTP: clients, connections, circuit breaker, verdicts."""
