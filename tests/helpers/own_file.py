"""A configuration as somebody keeps it by hand, with remarks and an order of its own."""

FILE = """\
# My sources.
[polling]
interval = "10m"   # often

# ---- papers

[[feeds]]  # the first
url = "https://one.example/feed"
headers = { X-A = "b" }

[[feeds]]
url = 'https://two.example/feed'   # the second
topics = [
    "research",   # mostly
]

# ---- hashtags
# of one server

[[hashtags]]
server = "https://social.example"
tags = ["AI"]
"""
