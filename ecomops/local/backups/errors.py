"""What can go wrong with a backup, said to the person at the terminal."""

from ecomops.local.errors import LocalStackError


class BackupError(LocalStackError):
    """A backup could not be made, read or restored; nothing was changed."""
