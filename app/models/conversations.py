"""Transcripts of calls and their analyses."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Computed,
    Index,
    LargeBinary,
    Numeric,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from app.models import holds
from app.models.base import Base, TenantRow, one_of, tenant_fk, tenant_table
from app.models.calls import Severity
from app.models.leads import Qualification


class CallTranscript(TenantRow, Base):
    """Transcript of a call: `speaker_labels` is a list of turns {speaker, start, end, text}, with times in seconds."""

    __tablename__ = "call_transcripts"
    __table_args__ = tenant_table(
        tenant_fk("call_id", "calls", "CASCADE"),
        UniqueConstraint("organization_id", "call_id", name="uq_call_transcripts_call_id"),
        Index("uq_call_transcripts_task", "organization_id", "shunya_task_id", unique=True),
        CheckConstraint("confidence_score BETWEEN 0 AND 1", name="check_confidence_score_range"),
        CheckConstraint("jsonb_typeof(speaker_labels) = 'array'", name="check_speaker_labels"),
    )

    call_id: Mapped[UUID]
    transcript_text: Mapped[str] = mapped_column(info=holds.MENTIONS)
    speaker_labels: Mapped[list[dict[str, Any]]] = mapped_column(
        JSONB, server_default=text("'[]'"), info=holds.MENTIONS
    )
    language: Mapped[str] = mapped_column(server_default="en", info=holds.NOBODY)
    confidence_score: Mapped[Decimal | None] = mapped_column(Numeric(4, 3))
    shunya_task_id: Mapped[str | None] = mapped_column(info=holds.NOBODY)
    #: Fingerprint of the row of the imported file; None if it has another origin.
    external_fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary, info=holds.NOBODY)


def _of_categories(function: str) -> Computed:
    """Return a generated column: the function's result for the categories of `objections` (migration 0046)."""
    return Computed(f"CASE WHEN objections = '[]' THEN '{{}}' ELSE {function}(objections) END", persisted=True)


class CallAnalysis(TenantRow, Base):
    """Analysis of a call. objections: [{category, text, severity, turn, start}]; evidence points into turns."""

    __tablename__ = "call_analyses"
    __table_args__ = tenant_table(
        tenant_fk("call_id", "calls", "CASCADE"),
        # Includes the score, so that its mean is computed without reading the long texts of the table.
        UniqueConstraint(
            "organization_id",
            "call_id",
            name="uq_call_analyses_call_id",
            postgresql_include=["sop_compliance_score"],
        ),
        # Objections of callers, without analyses that found none; the row of an index is limited in size.
        Index(
            "idx_call_analyses_objections",
            "organization_id",
            "call_id",
            postgresql_include=["objection_categories", "objection_severities"],
            postgresql_where=text("objection_categories <> '{}'"),
        ),
        Index("uq_call_analyses_task", "organization_id", "shunya_task_id", unique=True),
        one_of("qualification_status", Qualification),
        one_of("objection_severity", Severity),
        CheckConstraint("sentiment_score BETWEEN -1 AND 1", name="check_sentiment_score_range"),
        CheckConstraint("sop_compliance_score BETWEEN 0 AND 100", name="check_sop_compliance_score_range"),
        CheckConstraint("confidence BETWEEN 0 AND 1", name="check_confidence_range"),
        CheckConstraint("jsonb_typeof(objections) = 'array'", name="check_objections"),
    )

    call_id: Mapped[UUID]
    qualification_status: Mapped[str | None]
    sentiment_score: Mapped[Decimal | None] = mapped_column(Numeric(4, 3))
    objections: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"), info=holds.MENTIONS)
    #: The first ten categories, fifty characters each; and the highest severity of each: 1 low, 2 medium, 3 high.
    objection_categories: Mapped[list[str]] = mapped_column(ARRAY(Text), _of_categories("objection_categories"))
    objection_severities: Mapped[list[int | None]] = mapped_column(
        ARRAY(SmallInteger), _of_categories("objection_severities")
    )
    objection_severity: Mapped[str | None]
    sop_compliance_score: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    sop_stages_completed: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"), info=holds.NOBODY)
    sop_stages_missed: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"), info=holds.NOBODY)
    pending_actions: Mapped[list[dict[str, Any]]] = mapped_column(
        JSONB, server_default=text("'[]'"), info=holds.MENTIONS
    )
    summary: Mapped[str | None] = mapped_column(info=holds.MENTIONS)
    missed_opportunities: Mapped[list[dict[str, Any]]] = mapped_column(
        JSONB, server_default=text("'[]'"), info=holds.MENTIONS
    )
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"), info=holds.MENTIONS)
    confidence: Mapped[Decimal | None] = mapped_column(Numeric(4, 3))
    shunya_task_id: Mapped[str | None] = mapped_column(info=holds.NOBODY)
    analysed_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    model: Mapped[str | None] = mapped_column(info=holds.NOBODY)
    external_fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary, info=holds.NOBODY)

    @hybrid_property
    def has_objections(self) -> bool:
        """True if the caller raised an objection with a category; in queries, the condition of the partial index."""
        return bool(self.objection_categories)

    @has_objections.inplace.expression
    @classmethod
    def _has_objections(cls) -> ColumnElement[bool]:
        return cls.objection_categories != literal_column("'{}'")
