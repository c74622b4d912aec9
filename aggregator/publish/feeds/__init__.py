"""Feeds out and other forms for programs: Atom, JSON Feed, OPML, JSON, Markdown."""
