"""A digest of a day as a page, as plain text and as a mail."""
