"""Processes that read what strangers wrote, and that are ended when it takes too long."""
