"""Hashtag timelines of servers with Mastodon's API."""
