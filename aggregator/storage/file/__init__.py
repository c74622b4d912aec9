"""The file that the database is in: who writes to it, what is told beside it, and the disk that it is on."""
