"""Secrets in addresses: what a key is, and texts without them."""
