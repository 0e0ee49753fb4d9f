"""Provider accounts of a workspace and their credentials."""
