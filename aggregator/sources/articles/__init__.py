"""Pages that posts link to: asking for them, and reading what they say."""
