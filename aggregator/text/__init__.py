"""Strings in, values out: markup, addresses and their canonical form, tokens, language, word vectors."""
