"""When no server could be reached: what is stored of an outage of our own."""
