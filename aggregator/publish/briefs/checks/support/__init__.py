"""Does a source say it at all, and not the opposite?"""
