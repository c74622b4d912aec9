"""A day of feeds as they publish: how soon posts are seen, how many requests that is, and what it costs."""
