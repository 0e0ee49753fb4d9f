"""Uploading a file to be imported: our own multipart route, of one file and a kind."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

import anyio
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from ecomops import runtime
from ecomops.api.forms import UnreadableFormError
from ecomops.api.session_cookies import require_person
from ecomops.core.files.text import MOST_BYTES
from ecomops.domains.imports.drafts import keep_draft, require_upload
from ecomops.domains.imports.schemas import KeepDraft
from ecomops.kit.errors import EcomopsError

PATH = "/imports/upload"
MOST_OF_A_REQUEST = MOST_BYTES + 64 * 1024
"""The file and what multipart puts around it."""
PATIENCE = 120.0
AT_ONCE = 4
_MULTIPART = "multipart/form-data"


class TooManyUploadsError(EcomopsError):
    """Each upload is held in memory for a moment."""

    code = "too_many_uploads"
    status = 429

    def __init__(self) -> None:
        super().__init__("Other files are being uploaded. Try again in a moment.")


class SlowUploadError(EcomopsError):
    """The file did not arrive in time."""

    code = "upload_too_slow"
    status = 408

    def __init__(self) -> None:
        super().__init__("The upload took longer than two minutes. Try a smaller file.")


class _Places:
    """How many uploads this process reads at once."""

    taken: ClassVar[int] = 0


async def upload(request: Request) -> Response:
    """``POST /imports/upload`` with ``kind`` and ``file``: keeps the file, answers its id."""
    ctx = await require_person(request)
    await asyncio.to_thread(runtime.run, ctx, require_upload)
    with _place():
        command = await _in_time(request)
        draft_id = await asyncio.to_thread(runtime.run, ctx, keep_draft, command)
    return JSONResponse({"id": str(draft_id)}, headers={"Cache-Control": "no-store"})


@contextmanager
def _place() -> Iterator[None]:
    if _Places.taken >= AT_ONCE:
        raise TooManyUploadsError
    _Places.taken += 1
    try:
        yield
    finally:
        _Places.taken -= 1


async def _in_time(request: Request) -> KeepDraft:
    try:
        with anyio.fail_after(PATIENCE):
            return await _read(request)
    except TimeoutError:
        raise SlowUploadError from None


async def _read(request: Request) -> KeepDraft:
    """The form, strictly: one kind, one file, nothing else."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _MULTIPART:
        raise UnreadableFormError
    try:
        async with request.form(max_files=1, max_fields=1) as form:
            given, file = form.get("kind"), form.get("file")
            if not isinstance(given, str) or not isinstance(file, UploadFile):
                raise UnreadableFormError
            return KeepDraft(given, file.filename or "", await file.read())
    except (HTTPException, ClientDisconnect, KeyError, UnicodeDecodeError):
        raise UnreadableFormError from None
