"""The site while the daemon runs: built after polls, and its index for search."""
