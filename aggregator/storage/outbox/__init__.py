"""What goes out: which targets there are, what is to be told to each, what was told, and what a message has of it."""
