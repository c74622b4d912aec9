"""Timelines of servers with Mastodon's API: of hashtags, of accounts, a user's own, and what trends."""
