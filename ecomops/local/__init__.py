"""The stack on one machine: embedded PostgreSQL and Redis, supervisor, demo workspace."""
