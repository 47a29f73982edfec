"""A person's settings for lists: visible columns, saved views, and how far they have seen each list."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.models import holds
from app.models.base import Base, TenantRow, Versioned, declared_name, length, tenant_fk, tenant_table


class ListSettings(TenantRow, Base):
    """Columns that a person has selected for a list; without a row, all of them are shown."""

    __tablename__ = "list_settings"
    __table_args__ = tenant_table(
        tenant_fk("user_id", "users", "CASCADE"),
        declared_name("page"),
        UniqueConstraint("organization_id", "user_id", "page", name="uq_list_settings_user_page"),
        CheckConstraint("cardinality(columns) BETWEEN 1 AND 50", name="check_columns_count"),
    )

    user_id: Mapped[UUID]
    page: Mapped[str] = mapped_column(info=holds.NOBODY)
    columns: Mapped[list[str]] = mapped_column(ARRAY(Text), info=holds.NOBODY)


class ListVisit(TenantRow, Base):
    """A person's visits to a list.

    Rows added after `last_at`, the end of the previous visit, are new to them; `looked_at` is when they last looked.
    """

    __tablename__ = "list_visits"
    __table_args__ = tenant_table(
        tenant_fk("user_id", "users", "CASCADE"),
        declared_name("page"),
        CheckConstraint("last_at <= looked_at", name="check_seen_before_looked"),
        UniqueConstraint("organization_id", "user_id", "page", name="uq_list_visits_user_page"),
    )

    user_id: Mapped[UUID]
    page: Mapped[str] = mapped_column(info=holds.NOBODY)
    last_at: Mapped[datetime]
    looked_at: Mapped[datetime]


class SavedView(TenantRow, Versioned, Base):
    """Filters and sort of a list or other page under a name; `query` is its address's query string."""

    __tablename__ = "saved_views"
    __table_args__ = tenant_table(
        tenant_fk("user_id", "users", "CASCADE"),
        declared_name("page"),
        length("name", 60),
        length("query", 2000, 0),
        UniqueConstraint("organization_id", "user_id", "page", "name", name="uq_saved_views_user_page_name"),
        Index("idx_saved_views_shared", "organization_id", "page", postgresql_where=text("is_shared")),
    )

    user_id: Mapped[UUID]
    page: Mapped[str] = mapped_column(info=holds.NOBODY)
    name: Mapped[str] = mapped_column(info=holds.MENTIONS)
    query: Mapped[str] = mapped_column(server_default="", info=holds.MENTIONS)
    is_shared: Mapped[bool] = mapped_column(server_default=text("false"))
