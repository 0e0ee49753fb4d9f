"""Browsing and exporting the canonical tables."""
