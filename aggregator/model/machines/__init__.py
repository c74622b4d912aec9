"""Settings of machines beside this one."""
