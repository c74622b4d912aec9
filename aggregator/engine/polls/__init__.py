"""What is told of polls: an outage of our own, the lines of the log, the sum of an hour."""
