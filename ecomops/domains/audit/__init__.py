"""Who did what, written in the same transaction as the change."""
