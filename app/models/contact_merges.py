"""Merges of two contacts, with the data needed to undo them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models import holds
from app.models.base import Base, TenantRow, length, one_of, tenant_fk, tenant_table


class MergeStatus(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class ContactMerge(TenantRow, Base):
    """A merge of the contact `merged_card_id` into `kept_card_id`.

    When the worker has done the merge, the merged contact is in the trash, and its records belong to the kept one;
    until then, `rows_moved` is the progress. `deletion_batch_id` is the batch of that deletion. `choices` names, for
    each field that differed, the contact whose value remains. The audit entries of `operation_id` record what was
    moved; for moved rows of kinds that are not audited, `unrecorded` has the ids, by kind.
    """

    __tablename__ = "contact_merges"
    __table_args__ = tenant_table(
        tenant_fk("kept_card_id", "contact_cards"),
        tenant_fk("merged_card_id", "contact_cards"),
        tenant_fk("deletion_batch_id", "deletion_batches"),
        tenant_fk("requested_by", "users"),
        one_of("status", MergeStatus),
        CheckConstraint("kept_card_id <> merged_card_id", name="check_merged_with_another"),
        CheckConstraint("rows_moved >= 0 AND rows_total >= 0", name="check_rows_counted"),
        length("failure", 1000),
        CheckConstraint("(status = 'waiting') = (finished_at IS NULL)", name="check_merge_finished_at"),
        Index("idx_contact_merges_kept_card", "organization_id", "kept_card_id"),
        Index("idx_contact_merges_merged_card", "organization_id", "merged_card_id"),
        Index("idx_contact_merges_deletion_batch", "organization_id", "deletion_batch_id"),
        Index("idx_contact_merges_requested_by", "organization_id", "requested_by"),
    )

    kept_card_id: Mapped[UUID | None]
    merged_card_id: Mapped[UUID | None]
    kept_version: Mapped[int]
    merged_version: Mapped[int]
    choices: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"), info=holds.NOBODY)
    status: Mapped[str] = mapped_column(server_default=MergeStatus.WAITING)
    rows_total: Mapped[int] = mapped_column(server_default=text("0"))
    rows_moved: Mapped[int] = mapped_column(server_default=text("0"))
    unrecorded: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"), info=holds.NOBODY)
    operation_id: Mapped[UUID]
    deletion_batch_id: Mapped[UUID | None]
    requested_by: Mapped[UUID | None]
    requested_by_label: Mapped[str] = mapped_column(server_default="", info=holds.STAFF)
    failure: Mapped[str | None] = mapped_column(info=holds.NOBODY)
    finished_at: Mapped[datetime | None]
