"""`aggregator demo`: invented feeds and statuses for a first run without network.

`samples` renders the content, which lies as data in `samples/`; the servers beside it hand it out.
"""
