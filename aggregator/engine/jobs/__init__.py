"""When the daemon's jobs run, and whether there is anything to do for them."""
