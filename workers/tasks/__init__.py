"""Tasks: they parse their arguments and call an operation."""
