"""Workspaces, people, passwords and browser sessions."""
