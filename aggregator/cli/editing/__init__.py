"""Commands by which an editor changes posts and stories."""
