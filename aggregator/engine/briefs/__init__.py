"""Briefs: made when a story changed, by rules and, where it is configured, by a model."""
