"""Taking in what providers say: one page, one transaction."""
