"""What goes out: what is to be told to whom, when, and the ways there."""
