"""Files that people bring: drafts, imports, bank accounts and their lines."""
