"""Feeds are collected by other machines: tasks with leases, at the seam of `concurrent.futures.Executor`."""
