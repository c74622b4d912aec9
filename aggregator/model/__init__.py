"""The nouns: posts, sources, polls, changes, rules, settings, errors. Imports nothing of ours."""
