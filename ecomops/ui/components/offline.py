"""What every page says while its server cannot be reached.

Reflex reconnects by itself and keeps what is typed; this only tells. It is a popover, so that it
lies over an open dialog as well.
"""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_base.components.memo import memo
from reflex_base.utils.imports import ImportVar
from reflex_base.vars import VarData
from reflex_components_core.core.banner import has_too_many_connection_errors

from ecomops.ui.components.icons import icon

_FOLLOW_NETWORK = """useEffect(() => {
  const follow = () => setUnplugged(!navigator.onLine);
  follow();
  window.addEventListener("online", follow);
  window.addEventListener("offline", follow);
  return () => {
    window.removeEventListener("online", follow);
    window.removeEventListener("offline", follow);
  };
}, []);"""
_UNPLUGGED: rx.Var[bool] = rx.Var(
    "unplugged",
    _var_type=bool,
    _var_data=VarData(
        imports={"react": [ImportVar(tag="useEffect"), ImportVar(tag="useState")]},
        hooks={
            "const [unplugged, setUnplugged] = useState(false);": None,
            _FOLLOW_NETWORK: None,
        },
    ),
)
_SHOW: rx.Var[Any] = rx.Var("(node) => { node?.isConnected && node.showPopover() }")


def offline() -> rx.Component:
    """Belongs once around the app."""
    return rx.fragment(memo(connection_lost)())


def connection_lost() -> rx.Component:
    """The message, while two attempts in a row have failed or the machine has no network."""
    message: Any = rx.el.div(
        icon("loader-circle", class_name="spinner"),
        rx.el.span("Connection lost. Trying again…"),
        class_name="connection-lost",
        role="status",
        custom_attrs={"popover": "manual", "ref": _SHOW},
    )
    return rx.cond(has_too_many_connection_errors | _UNPLUGGED, message)
