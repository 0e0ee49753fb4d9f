"""The Exports page."""
