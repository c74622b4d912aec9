"""What runs: poller, saver, politeness, budgets, daemon, rebuild."""
