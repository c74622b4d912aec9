"""Files of a user that this program writes."""
