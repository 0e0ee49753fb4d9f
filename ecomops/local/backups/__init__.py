"""Encrypted backups of the whole database, and restoring them into an empty server."""

from ecomops.local.backups.backup import backup
from ecomops.local.backups.restore import restore

__all__ = ["backup", "restore"]
