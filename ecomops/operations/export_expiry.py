"""Removing files whose time is over. Any number may try at once: removing twice is no harm."""

from uuid import UUID

from ecomops import runtime
from ecomops.domains.exports.schemas import ExpiredFile, RemoveExport
from ecomops.domains.exports.service import remove_export
from ecomops.domains.exports.work import list_expired, note_removed
from ecomops.kit.context import Context
from ecomops.kit.errors import EcomopsError
from ecomops.kit.logging import get_logger
from ecomops.kit.settings import get_settings
from ecomops.operations.file_store import file_store

log = get_logger(__name__)


def remove_expired(ctx: Context) -> int:
    """Remove the workspace's files whose time is over; how many went. The store may be away."""
    return sum(_remove(ctx, file) for file in runtime.run(ctx, list_expired))


def delete_export(ctx: Context, export_id: UUID) -> None:
    """Delete an export and its file. Raises NotFoundError.

    While a worker is still at it, or the store is away, the file goes with the expired ones.
    """
    file = runtime.run(ctx, remove_export, RemoveExport(export_id))
    if file is not None:
        _remove(ctx, file)


def _remove(ctx: Context, file: ExpiredFile) -> bool:
    try:
        if file.key:
            file_store(get_settings()).remove(file.key)
        runtime.run(ctx, note_removed, file.export_id)
    except EcomopsError as error:
        log.warning("file not removed", export_id=str(file.export_id), code=error.code)
        return False
    return True
