"""What is asked of the database from outside: by Python programs that would rather import than query (`from aggregator
import open_database`), by followers of the change log, by assistants.

What it promises is as stable as the views: fields and arguments are added, not taken away. It reads only, but for the
place of a follower.
"""
