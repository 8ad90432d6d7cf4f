"""A Shopify store's Admin GraphQL API on loopback, as far as subscriptions need it."""
