"""What each plan includes."""
