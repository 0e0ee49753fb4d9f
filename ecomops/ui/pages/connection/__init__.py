"""One connection, in detail."""
