"""Copies of the whole database: the snapshot for readers, backups, and a backup back in its place."""
