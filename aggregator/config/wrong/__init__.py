"""What can be told of a configuration that is wrong."""
