"""Commands that ask the database: lists, a story, why, SQL."""
