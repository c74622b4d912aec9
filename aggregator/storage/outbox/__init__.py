"""What goes out: what is to be told to whom, and what was."""
