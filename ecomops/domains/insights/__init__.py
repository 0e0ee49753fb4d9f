"""What the dashboard answers: is everything in, does it tie out, what needs somebody."""
