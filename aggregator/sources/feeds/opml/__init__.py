"""OPML 2.0 (opml.org/spec2.opml), the format in which feed readers hand over their subscriptions. Pure.

values     a subscription; what was read of a document
reading    a document → its subscriptions: what it is, which outline is one, which is there twice
markup     … its markup, mended where programs write it wrong: text → outlines
addresses  … what an outline gives as an address → one that can be asked
texts      … titles and names in one line, and what may be said of them
plain      … a plain list of addresses, one a line, as newsboat keeps them
writing    subscriptions → a document
"""
