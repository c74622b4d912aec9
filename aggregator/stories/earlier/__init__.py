"""Earlier coverage: older stories that a story continues, or that are its background, found, measured and chosen."""
