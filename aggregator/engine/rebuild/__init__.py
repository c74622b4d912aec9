"""What is derived from stored posts, worked out again with the code that decides live: topics, copies, stories.

Each runs beside a daemon: it reads the posts in the order in which they were saved and writes in short transactions,
only what differs. What was decided is logged in `changes` like anything else.
"""
