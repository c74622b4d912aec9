"""Retention: what goes when it is too old, or the file too large; and what is left of it."""
