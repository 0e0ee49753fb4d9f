"""Signing in and creating a workspace."""
