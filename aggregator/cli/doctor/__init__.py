"""`aggregator doctor`."""
