"""`[[notify]]` and `[[digest]]`: the tables of the file that say what is told to whom."""
