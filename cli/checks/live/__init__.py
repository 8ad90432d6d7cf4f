"""Whether a merchant's store and platforms take what we have: asked, and nothing is changed."""
