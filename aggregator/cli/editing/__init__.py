"""Commands by which an editor changes posts."""
