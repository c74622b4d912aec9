"""Briefs: what is kept of them, and what they are made of."""
