"""Lists of stories as people at the command line, programs and assistants ask for them: what is wanted, and rows."""
