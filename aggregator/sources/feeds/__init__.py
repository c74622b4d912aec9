"""RSS, Atom, RDF, CDF and JSON feeds: from an address to posts."""
