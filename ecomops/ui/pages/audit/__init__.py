"""The audit log: who did what, and that nobody has altered it."""
