"""Lets one front-end build work on every host and port."""

from __future__ import annotations

from typing import Any

import reflex as rx

SOURCE = "utils/state.js"
FULL_ADDRESS = "const endpoint = new URL(url_str);"
SAME_ORIGIN = """
  if (typeof window !== "undefined") {
    const secure = window.location.protocol === "https:";
    endpoint.protocol = endpoint.protocol.replace(/s?:$/, secure ? "s:" : ":");
    endpoint.host = window.location.host;
    return endpoint;
  }"""


class SameOriginPlugin(rx.plugins.Plugin):
    """Points the page's websocket at whatever origin the page came from.

    Reflex 0.10 writes the port it is built with into the page, and on https assumes 443.
    """

    def pre_compile(self, **context: Any) -> None:
        context["add_modify_task"](SOURCE, connect_to_own_origin)


def connect_to_own_origin(source: str) -> str:
    """Reflex's browser code with its back-end address taken from the page's own.

    Raises ValueError when that code is not as we know it, after an upgrade of Reflex.
    """
    if SAME_ORIGIN in source:
        return source
    if source.count(FULL_ADDRESS) != 1:
        raise ValueError(f"Reflex's {SOURCE} has changed: look again at how it finds its server.")
    return source.replace(FULL_ADDRESS, FULL_ADDRESS + SAME_ORIGIN)
