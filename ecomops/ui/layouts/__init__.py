"""The frame around the pages, and what it knows on every page."""
