"""What goes when it is too old, in small steps beside the polls."""
