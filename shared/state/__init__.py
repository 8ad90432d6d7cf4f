"""The state in DynamoDB: one row per entity, visitors, the journal, and a few control items."""
