"""`aggregator notify`: who is told, and what waits for them."""
