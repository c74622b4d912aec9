"""Fits the coefficients by which posts and stories are told to be one event: see `benchmarks.fit_stories.__main__`."""
