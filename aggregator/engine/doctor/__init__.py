"""`aggregator doctor`: what is wrong with this installation, where, and what to do; a module for each matter."""
