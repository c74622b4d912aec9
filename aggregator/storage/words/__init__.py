"""What posts are called, and the words that are attached to them."""
