"""Syncs under fire: workers that die or fall asleep at named points, and designs that may fail."""
