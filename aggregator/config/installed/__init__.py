"""How this program came onto this machine, and what adds to it."""
