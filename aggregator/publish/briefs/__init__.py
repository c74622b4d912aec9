"""Briefs: from a story to sentences, each with its source."""
