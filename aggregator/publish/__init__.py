"""Rows → what readers see: pages, feeds out, files."""
