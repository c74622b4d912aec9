"""A file looked through without changing it, and what is safe to mend in it: the SQL of `aggregator doctor`."""
