"""The retry queue and the dead letters: envelopes, SQS, the payload store, delays and replay."""
