"""What happens in a shop, translated and delivered to the platforms that personalise it."""
