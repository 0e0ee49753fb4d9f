"""provisional"""

from ecomops.ui.handlers import handler
from ecomops.ui.state import AppState


class SealState(AppState):
    """x"""

    @handler("audit.view")
    async def load_seal(self) -> None:
        """x"""
