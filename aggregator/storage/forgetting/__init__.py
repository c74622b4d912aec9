"""What an operator is asked to forget: whom a name means, what would go, and whose posts are not stored any more."""
