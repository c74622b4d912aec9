"""What is derived from stored posts, worked out again: topics, copies, stories."""
