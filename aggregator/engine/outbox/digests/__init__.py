"""Digests of a running program: chosen at their time, written as files, mailed."""
