"""The first configuration file of one's own."""
