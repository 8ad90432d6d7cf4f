"""Whether the next deployment will go through: looked at before anything is deployed."""
