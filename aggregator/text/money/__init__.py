"""Amounts of money in running text: how much, in which currency, and what for."""
