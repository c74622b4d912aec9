"""A first configuration file of one's own, from a few answers."""
