"""Strings for terminals: what may reach one."""
