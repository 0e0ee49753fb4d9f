"""All tables. Importing this package fills ``metadata``; the classes have no behaviour."""

from ecomops.models import (
    audit,
    canonical,
    connections,
    exports,
    freshness,
    identity,
    imports,
    jobs,
    ledger,
    views,
)
from ecomops.models.base import GLOBAL_TABLES, SQLModel

metadata = SQLModel.metadata

__all__ = [
    "GLOBAL_TABLES",
    "audit",
    "canonical",
    "connections",
    "exports",
    "freshness",
    "identity",
    "imports",
    "jobs",
    "ledger",
    "metadata",
    "views",
]
