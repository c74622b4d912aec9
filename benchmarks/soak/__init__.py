"""Is the daemon stuck, or does it lose anything? The program on feeds that change, told to stop, killed, and worse.

Each module is one promise: it prints what it measured, and ends with exit status 1 where the promise is broken.
"""
