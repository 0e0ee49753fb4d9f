"""Keeping rows fresh: schedules, what is due, what providers tell us, and whether all is here."""
