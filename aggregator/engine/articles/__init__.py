"""Which pages are read when, and what is done with what they say."""
