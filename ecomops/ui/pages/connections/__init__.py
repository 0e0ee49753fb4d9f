"""Connections to the providers."""
