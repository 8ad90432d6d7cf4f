"""What is remembered, in DynamoDB: a row per entity, and a few control items."""
