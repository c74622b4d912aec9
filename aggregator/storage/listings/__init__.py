"""Lists that people ask for at the command line: what is wanted of them, and the rows."""
