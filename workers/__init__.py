"""Celery: the processes that do the long work."""
