"""No request is larger than it needs to be."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ecomops.api import imports, webhooks
from ecomops.api.errors import error_response
from ecomops.kit.errors import EcomopsError

FORM_BYTES = 64 * 1024


class BodyTooLargeError(EcomopsError):
    """More was sent than any form of ours holds."""

    code = "body_too_large"
    status = 413

    def __init__(self, most: int) -> None:
        super().__init__(f"The request is larger than {most // 1024} KiB.")


class SizeLimit:
    """Answers 413 to a body above the limit, whether or not its length was announced."""

    def __init__(self, app: ASGIApp, most: int = FORM_BYTES) -> None:
        self.app, self._most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = self._most_of(scope)
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdecimal() and int(announced) <= most:
            await self.app(scope, self._counted(receive, most), send)
            return
        error = BodyTooLargeError(most)
        await error_response(error.code, error.message, error.status)(scope, receive, send)

    def _most_of(self, scope: Scope) -> int:
        """A webhook holds a whole order and an upload a file; a form does not."""
        if scope["path"] == imports.PATH:
            return imports.MOST_OF_A_REQUEST
        return webhooks.MOST_BYTES if scope["path"].startswith(webhooks.PREFIX) else self._most

    def _counted(self, receive: Receive, most: int) -> Receive:
        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise BodyTooLargeError(most)
            return message

        return receive_counted
