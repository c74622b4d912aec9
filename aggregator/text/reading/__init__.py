"""Numbers, units and days as running text has them: tables of their words by language, and the reading of a number."""
