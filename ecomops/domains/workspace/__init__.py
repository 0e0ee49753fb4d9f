"""What a workspace may choose for itself, and how much of its plan it uses."""
