"""One build of the site: what is stale, what it is made of, the folder that it stands in."""
