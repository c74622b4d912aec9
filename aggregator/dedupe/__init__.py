"""Is a post new, the same, or a copy; and because of what."""
