"""First polls: what came in one waits for its story until all has come, and is grouped in the order of time."""
