"""Asking strangers' servers: limits, deadlines, refused addresses, caching headers, errors in words."""
