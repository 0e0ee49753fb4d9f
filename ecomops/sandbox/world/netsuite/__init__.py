"""The merchant's NetSuite account: its lists, and bookings for part of what was paid out."""
