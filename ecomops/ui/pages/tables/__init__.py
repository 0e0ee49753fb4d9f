"""The eight tables."""
