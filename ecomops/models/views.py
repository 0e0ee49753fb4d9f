"""Screens as people kept them."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from ecomops.models.base import TenantRow, per_tenant, to_parent, to_tenant, utc_now


class SavedView(TenantRow, table=True):
    """A screen under a name: ``query`` is the query of its address.

    ``shared``: everybody of the workspace sees it; its maker and admins change it.
    """

    __tablename__ = "saved_views"
    __table_args__ = (
        to_tenant(),
        per_tenant("uq_saved_views_name", "owner_id", "screen", "name", unique=True),
        per_tenant("ix_saved_views_screen", "screen"),
    )

    owner_id: UUID = Field(foreign_key="users.id")
    screen: str = Field(max_length=40)
    name: str = Field(max_length=80)
    query: str = Field(max_length=2000)
    shared: bool = False
    created_at: datetime = utc_now()
    updated_at: datetime = utc_now()


class DefaultView(TenantRow, table=True):
    """What a screen opens with for a person."""

    __tablename__ = "default_views"
    __table_args__ = (
        to_tenant(),
        to_parent("view_id", "saved_views"),
        per_tenant("uq_default_views_screen", "user_id", "screen", unique=True),
        per_tenant("ix_default_views_view", "view_id"),
    )

    user_id: UUID = Field(foreign_key="users.id")
    screen: str = Field(max_length=40)
    view_id: UUID
