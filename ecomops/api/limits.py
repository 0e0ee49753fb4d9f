"""No request is larger than it needs to be."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ecomops.api.errors import error_response
from ecomops.kit.errors import EcomopsError
from ecomops.kit.logging import get_logger

log = get_logger(__name__)

FORM_BYTES = 64 * 1024
FRAME_BYTES = 64 * 1024
TOO_BIG = 1009  # RFC 6455, section 7.4.1


class BodyTooLargeError(EcomopsError):
    """More was sent than any form of ours holds."""

    code = "body_too_large"
    status = 413

    def __init__(self, most: int) -> None:
        super().__init__(f"The request is larger than {most // 1024} KiB.")


class SizeLimit:
    """Answers 413 to a body above the limit, whether or not its length was announced.

    A websocket that sends a longer message is closed.
    """

    def __init__(self, app: ASGIApp, most: int = FORM_BYTES, frame: int = FRAME_BYTES) -> None:
        self.app, self._most, self._frame = app, most, frame

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self.app(scope, self._of_frames(receive, send), send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdecimal() and int(announced) <= self._most:
            await self.app(scope, self._counted(receive), send)
            return
        error = BodyTooLargeError(self._most)
        await error_response(error.code, error.message, error.status)(scope, receive, send)

    def _of_frames(self, receive: Receive, send: Send) -> Receive:
        async def receive_small() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive" and _length(message) > self._frame:
                log.warning("websocket_message_too_large", length=_length(message))
                await send({"type": "websocket.close", "code": TOO_BIG})
                return {"type": "websocket.disconnect", "code": TOO_BIG}
            return message

        return receive_small

    def _counted(self, receive: Receive) -> Receive:
        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._most:
                raise BodyTooLargeError(self._most)
            return message

        return receive_counted


def _length(message: Message) -> int:
    """Of a message of a websocket: bytes, or characters, of which none is less than a byte."""
    return len(message.get("bytes") or message.get("text") or "")
