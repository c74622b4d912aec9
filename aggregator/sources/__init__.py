"""The outside world: fetching from feeds and servers, and turning what they send into posts."""
