"""Contacts: callers and customers, with their phone numbers."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, Computed, Index, LargeBinary, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from app.models import holds
from app.models.base import (
    Base,
    SoftDeleted,
    TenantRow,
    Versioned,
    e164,
    length,
    one_of,
    soft_delete_constraints,
    tenant_fk,
    tenant_table,
)


class ContactSource(StrEnum):
    CALLRAIL = "callrail"
    MANUAL = "manual"
    AUTO_AI = "auto_ai"
    IMPORT = "import"
    OTTO = "otto"
    SHUNYA = "shunya"


class Imported:
    """Origin of an imported row.

    `external_fingerprint` is the SHA-256 of the row's data in the file: if it is equal, the file contains nothing new,
    whatever people have edited here since.
    """

    external_source: Mapped[str | None] = mapped_column(sort_order=890, info=holds.NOBODY)
    external_id: Mapped[str | None] = mapped_column(sort_order=891, info=holds.NOBODY)
    external_fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary, sort_order=892, info=holds.NOBODY)


def imported_once(table: str) -> tuple[Index, CheckConstraint]:
    """Return the constraints that make an external row unique and require its source."""
    return (
        # The id comes first, because it is also searched in all sources.
        Index(f"uq_{table}_external", "organization_id", "external_id", "external_source", unique=True),
        CheckConstraint("(external_source IS NULL) = (external_id IS NULL)", name="check_external_pair"),
    )


#: A generated column can't refer to another one.
_FULL_NAME = "nullif(btrim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), '')"


class ContactCard(TenantRow, Versioned, SoftDeleted, Imported, Base):
    """A contact: the person or household that calls, leads, appointments and tasks refer to."""

    __tablename__ = "contact_cards"
    __table_args__ = tenant_table(
        tenant_fk("created_by", "users"),
        *soft_delete_constraints("contact_cards"),
        *imported_once("contact_cards"),
        one_of("source", ContactSource),
        e164("primary_phone"),
        length("email", 254, 0),
        CheckConstraint(r"email = '' OR email ~ '^[^\s@]+@[^\s@]+$'", name="check_email_format"),
        length("first_name", 100, 0),
        length("last_name", 100, 0),
        length("company_name", 100, 0),
        length("address_line_1", 200, 0),
        length("address_line_2", 200, 0),
        length("city", 100, 0),
        length("state", 100, 0),
        length("zip", 20, 0),
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="check_country_format"),
        CheckConstraint("cardinality(tags) <= 20", name="check_tags_count"),
        CheckConstraint(r"array_to_string(tags, chr(10)) !~ '[^\n]{41}'", name="check_tags_length"),
        Index(
            "idx_contact_cards_last_name",
            "organization_id",
            text("lower(last_name)"),
            "id",
            postgresql_where=text("last_name <> ''"),
        ),
        Index(
            "idx_contact_cards_company_key",
            "organization_id",
            "company_key",
            "id",
            postgresql_where=text("company_name <> ''"),
        ),
        Index("idx_contact_cards_name_key", "organization_id", "name_key", "id"),
        # Search by the words of `display_name`; used only by the database function `records_named`, like those of tasks
        # and events.
        Index(
            "idx_contact_cards_name_words",
            text("name_words(organization_id, COALESCE(full_name, NULLIF(company_name, ''::text), primary_phone))"),
            postgresql_using="gin",
        ),
        Index(
            "idx_contact_cards_email",
            "organization_id",
            text("lower(email)"),
            "id",
            postgresql_where=text("email <> ''"),
        ),
        # Search by parts of names and words of addresses; used by the database function `contacts_found`.
        Index(
            "idx_contact_cards_search",
            text(
                "search_parts(organization_id, ARRAY[first_name, last_name, company_name], "
                "ARRAY[email, address_line_1, address_line_2, city, state, zip], ''::text)"
            ),
            postgresql_using="gin",
            postgresql_where=text("deleted_at IS NULL"),
        ),
        # Search by words that differ by a letter; used by the database function `contacts_misspelt`.
        Index(
            "idx_contact_cards_misspelt",
            text("search_misspelt(organization_id, ARRAY[first_name, last_name, company_name], false)"),
            postgresql_using="gin",
            postgresql_where=text("deleted_at IS NULL"),
        ),
        # Used by the database function `contacts_tagged`.
        Index(
            "idx_contact_cards_tags",
            text("tag_keys(organization_id, tags)"),
            postgresql_using="gin",
            postgresql_where=text("deleted_at IS NULL AND tags <> '{}'"),
        ),
        # Indexes that include deleted_at can count a list in an index-only scan.
        Index(
            "idx_contact_cards_date",
            "organization_id",
            text("created_at DESC"),
            text("id DESC"),
            postgresql_include=["deleted_at"],
        ),
        Index(
            "idx_contact_cards_source",
            "organization_id",
            "source",
            text("created_at DESC"),
            text("id DESC"),
            postgresql_include=["deleted_at"],
        ),
        # Sort by display name.
        Index(
            "idx_contact_cards_title",
            "organization_id",
            text("COALESCE(name_key, NULLIF(company_key, ''::text), primary_phone, ''::text)"),
            "id",
        ),
        Index("idx_contact_cards_created_by", "organization_id", "created_by"),
    )

    primary_phone: Mapped[str | None] = mapped_column(info=holds.PERSONAL)
    email: Mapped[str | None] = mapped_column(info=holds.PERSONAL)
    company_name: Mapped[str | None] = mapped_column(info=holds.PERSONAL)
    first_name: Mapped[str | None] = mapped_column(info=holds.PERSONAL)
    last_name: Mapped[str | None] = mapped_column(info=holds.PERSONAL)
    full_name: Mapped[str | None] = mapped_column(
        Text,
        # concat_ws is not immutable, so a generated column can't use it.
        Computed(_FULL_NAME, persisted=True),
    )
    #: Keys for lookups: `lower()` can't be part of an index condition under row-level security.
    name_key: Mapped[str | None] = mapped_column(Computed(f"lower({_FULL_NAME})", persisted=True))
    company_key: Mapped[str | None] = mapped_column(Computed("lower(company_name)", persisted=True))
    address_line_1: Mapped[str | None] = mapped_column(info=holds.PERSONAL)
    address_line_2: Mapped[str | None] = mapped_column(info=holds.PERSONAL)
    city: Mapped[str | None] = mapped_column(info=holds.PERSONAL)
    state: Mapped[str | None] = mapped_column(info=holds.PERSONAL)
    zip: Mapped[str | None] = mapped_column(info=holds.PERSONAL)
    country: Mapped[str | None] = mapped_column(info=holds.PERSONAL)
    source: Mapped[str] = mapped_column(server_default=ContactSource.MANUAL)
    property_snapshot: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"), info=holds.MENTIONS)
    last_call_summary: Mapped[str | None] = mapped_column(info=holds.MENTIONS)
    primary_intent: Mapped[str | None] = mapped_column(info=holds.MENTIONS)
    risks: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"), info=holds.MENTIONS)
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"), info=holds.MENTIONS)
    custom_metadata: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"), info=holds.MENTIONS)
    timezone: Mapped[str | None] = mapped_column(info=holds.PERSONAL)
    sms_opt_out_at: Mapped[datetime | None]
    created_by: Mapped[UUID | None]
    created_by_label: Mapped[str] = mapped_column(server_default="", info=holds.STAFF)
    # A card's name in another system is personal data.
    external_source: Mapped[str | None] = mapped_column(sort_order=890, info=holds.PERSONAL)
    external_id: Mapped[str | None] = mapped_column(sort_order=891, info=holds.PERSONAL)
    external_fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary, sort_order=892, info=holds.PERSONAL)

    @hybrid_property
    def display_name(self) -> str | None:
        """Name of the contact: the person, else the company, else the number (E.164)."""
        return self.full_name or self.company_name or self.primary_phone

    @display_name.inplace.expression
    @classmethod
    def _display_name_in_sql(cls) -> ColumnElement[str | None]:
        return func.coalesce(cls.full_name, func.nullif(cls.company_name, ""), cls.primary_phone)


class ContactPhone(TenantRow, SoftDeleted, Base):
    """A phone number that belongs to a single contact; the contact's primary number is one, too."""

    __tablename__ = "contact_phones"
    __table_args__ = tenant_table(
        tenant_fk("contact_card_id", "contact_cards", "CASCADE"),
        *soft_delete_constraints("contact_phones"),
        e164("phone"),
        Index(
            "uq_contact_phones_phone",
            "organization_id",
            "phone",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
        # Includes deleted cards: a person is found by any number they had.
        Index("idx_contact_phones_number", "organization_id", "phone", "id"),
        # Used only by the database function `numbers_ending`.
        Index("idx_contact_phones_ending", "organization_id", text('"right"(phone, 4)'), "phone"),
        # Search by the last digits; used by `contacts_found`.
        Index(
            "idx_contact_phones_search",
            text("search_parts(organization_id, '{}'::text[], '{}'::text[], phone)"),
            postgresql_using="gin",
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index("idx_contact_phones_card", "organization_id", "contact_card_id"),
    )

    phone: Mapped[str] = mapped_column(info=holds.PERSONAL)
    contact_card_id: Mapped[UUID]


class ContactDistinction(TenantRow, Base):
    """Two similar contacts that a user has marked as different people; the lesser id is first."""

    __tablename__ = "contact_distinctions"
    __table_args__ = tenant_table(
        tenant_fk("contact_card_id", "contact_cards", "CASCADE"),
        tenant_fk("other_card_id", "contact_cards", "CASCADE"),
        tenant_fk("created_by", "users"),
        CheckConstraint("contact_card_id < other_card_id", name="check_other_card_after"),
        Index("uq_contact_distinctions_pair", "organization_id", "contact_card_id", "other_card_id", unique=True),
        Index("idx_contact_distinctions_other", "organization_id", "other_card_id"),
        Index("idx_contact_distinctions_created_by", "organization_id", "created_by"),
    )

    contact_card_id: Mapped[UUID]
    other_card_id: Mapped[UUID]
    created_by: Mapped[UUID | None]
    created_by_label: Mapped[str] = mapped_column(server_default="", info=holds.STAFF)
