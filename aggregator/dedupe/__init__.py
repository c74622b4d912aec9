"""Is a post new, the same, or a near-duplicate (a copy); and because of what."""
