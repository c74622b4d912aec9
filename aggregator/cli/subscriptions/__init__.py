"""Commands about what is followed: finding a feed, lists of other readers, trying the sources."""
