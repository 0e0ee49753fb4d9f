"""What a person chooses for the workspace and for themselves."""
