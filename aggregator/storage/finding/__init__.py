"""What is looked for: words, and the sources of a folder."""
