"""Commands that look after the file: copies of it, and what goes."""
