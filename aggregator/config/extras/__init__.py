"""What optional extras need to be installed: a command for this very installation."""
