"""The database for Python programs that would rather import than query: `from aggregator import open_database`.

What it promises is as stable as the views: fields and arguments are added, not taken away. It reads only.
"""
