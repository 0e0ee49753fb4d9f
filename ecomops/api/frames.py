"""What the websocket takes: text of a bounded length, at a bounded rate, whatever it says."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ecomops.kit.buckets import Buckets
from ecomops.kit.logging import get_logger

log = get_logger(__name__)

FRAME_BYTES = 64 * 1024
FRAMES_AT_ONCE = 200
FRAMES_A_SECOND = 100
TOO_BIG, UNSUPPORTED = 1009, 1003  # RFC 6455, section 7.4.1
# A BINARY_EVENT or BINARY_ACK of Socket.IO, or base64 of Engine.IO. What belongs to one of them is
# collected until all has come that it announced, without end; our pages send text.
BINARY = ("45", "46", "b")


class FrameLimit:
    """Closes a websocket that sends what is too long or no text; reads no faster than the limit.

    The door counts the events of pages; this holds for all that never becomes one, too.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        websocket = scope["type"] == "websocket"
        await self.app(scope, _bounded(receive, send) if websocket else receive, send)


def _bounded(receive: Receive, send: Send) -> Receive:
    pace = Buckets(FRAMES_AT_ONCE, FRAMES_A_SECOND)

    async def receive_bounded() -> Message:
        while not pace.take(None):
            await asyncio.sleep(1 / FRAMES_A_SECOND)
        message = await receive()
        code = _fault(message) if message["type"] == "websocket.receive" else None
        if code is None:
            return message
        log.warning("websocket_message_refused", code=code, length=_length(message))
        await send({"type": "websocket.close", "code": code})
        return {"type": "websocket.disconnect", "code": code}

    return receive_bounded


def _fault(message: Message) -> int | None:
    """With which code a websocket is closed that sent this."""
    if _length(message) > FRAME_BYTES:
        return TOO_BIG
    text = message.get("text")
    return UNSUPPORTED if text is None or text.startswith(BINARY) else None


def _length(message: Message) -> int:
    """In bytes, or in characters, of which none is less than a byte."""
    return len(message.get("bytes") or message.get("text") or "")
