"""Records that could not be read."""
