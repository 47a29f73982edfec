"""Calls with notes, transcripts and analyses; appointments; the missed-call queue."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import Reference, audit, create_tenant_table

revision = "0004_calls"
down_revision = "0003_contacts_and_leads"
branch_labels = None
depends_on = None

description = "Calls with notes, transcripts and analyses; appointments; the missed-call queue"
breaking = False


def _calls() -> None:
    create_tenant_table(
        "calls",
        sa.Column("contact_card_id", sa.Uuid(), nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("missed_entry_id", sa.Uuid(), nullable=True),
        sa.Column("caller_number", sa.Text(), nullable=True),
        sa.Column("called_number", sa.Text(), nullable=True),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("call_type", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("handled_by", sa.Text(), server_default="none", nullable=False),
        sa.Column("handled_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("csr_id", sa.Uuid(), nullable=True),
        sa.Column("assigned_rep_id", sa.Uuid(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("duration_seconds", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("booking_status", sa.Text(), nullable=True),
        sa.Column("booking_status_reason", sa.Text(), nullable=True),
        sa.Column("booking_status_source", sa.Text(), nullable=True),
        sa.Column("sentiment", sa.Text(), nullable=True),
        sa.Column("ai_confidence", sa.SmallInteger(), nullable=True),
        sa.Column("call_quality", sa.SmallInteger(), nullable=True),
        sa.Column("audio_url", sa.Text(), nullable=True),
        sa.Column("callrail_call_id", sa.Text(), nullable=True),
        sa.Column("twilio_sid", sa.Text(), nullable=True),
        sa.Column("vapi_call_id", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), server_default="external", nullable=False),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("cost", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("external_source", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("external_fingerprint", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "booking_status IN ('booked', 'not_booked', 'service_not_offered')", name="check_booking_status"
        ),
        sa.CheckConstraint(
            "booking_status_source IN ('user', 'analysis', 'import')", name="check_booking_status_source"
        ),
        sa.CheckConstraint("call_type IN ('csr_call', 'sales_call', 'visit_call')", name="check_call_type"),
        sa.CheckConstraint("called_number ~ '^\\+[1-9]\\d{1,14}$'", name="check_called_number_format"),
        sa.CheckConstraint("caller_number ~ '^\\+[1-9]\\d{1,14}$'", name="check_caller_number_format"),
        sa.CheckConstraint("direction IN ('inbound', 'outbound')", name="check_direction"),
        sa.CheckConstraint("handled_by IN ('human', 'ai', 'none')", name="check_handled_by"),
        sa.CheckConstraint(
            "outcome IN ('resolved', 'follow_up', 'transferred', 'voicemail', 'no_answer', 'wrong_number', 'spam')",
            name="check_outcome",
        ),
        sa.CheckConstraint("sentiment IN ('positive', 'neutral', 'negative')", name="check_sentiment"),
        sa.CheckConstraint("source IN ('user', 'system', 'external')", name="check_source"),
        sa.CheckConstraint("status IN ('active', 'completed', 'missed', 'voicemail', 'failed')", name="check_status"),
        sa.CheckConstraint("(external_source IS NULL) = (external_id IS NULL)", name="check_external_pair"),
        sa.CheckConstraint("ai_confidence BETWEEN 0 AND 100", name="check_ai_confidence_range"),
        sa.CheckConstraint("answered_at >= started_at", name="check_answer_after_start"),
        sa.CheckConstraint("call_quality BETWEEN 1 AND 5", name="check_call_quality_range"),
        sa.CheckConstraint(
            "char_length(booking_status_reason) BETWEEN 3 AND 500", name="check_booking_status_reason_length"
        ),
        sa.CheckConstraint("char_length(topic) BETWEEN 1 AND 100", name="check_topic_length"),
        sa.CheckConstraint("cost >= 0", name="check_cost_positive"),
        sa.CheckConstraint("duration_seconds <= 86400", name="check_duration_one_day"),
        sa.CheckConstraint("duration_seconds >= 0", name="check_duration_positive"),
        sa.CheckConstraint("ended_at > started_at", name="check_end_after_start"),
        references=[
            Reference("assigned_rep_id", "users"),
            Reference("contact_card_id", "contact_cards", "RESTRICT"),
            Reference("csr_id", "users"),
            Reference("handled_by_user_id", "users"),
            Reference("lead_id", "leads"),
        ],
        versioned=True,
        parent="RESTRICT",
    )
    op.create_index(
        "idx_calls_booking_date",
        "calls",
        ["organization_id", "booking_status", sa.literal_column("started_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("booking_status IS NOT NULL"),
    )
    op.create_index(
        "idx_calls_caller_date",
        "calls",
        ["organization_id", "caller_number", sa.literal_column("started_at DESC")],
        unique=False,
    )
    op.create_index(
        "idx_calls_contact",
        "calls",
        ["organization_id", "contact_card_id", sa.literal_column("started_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "idx_calls_csr_date",
        "calls",
        ["organization_id", "csr_id", sa.literal_column("started_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "idx_calls_handled_by", "calls", ["organization_id", "handled_by", "handled_by_user_id"], unique=False
    )
    op.create_index(
        "idx_calls_handler_date",
        "calls",
        ["organization_id", "handled_by_user_id", sa.literal_column("started_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "idx_calls_lead",
        "calls",
        ["organization_id", "lead_id"],
        unique=False,
        postgresql_where=sa.text("lead_id IS NOT NULL"),
    )
    op.create_index(
        "idx_calls_leads_spoken_to",
        "calls",
        ["organization_id", "started_at"],
        unique=False,
        postgresql_include=["lead_id", "csr_id"],
        postgresql_where=sa.text("lead_id IS NOT NULL AND call_type = 'csr_call' AND status = 'completed'"),
    )
    op.create_index(
        "idx_calls_missed_entry",
        "calls",
        ["organization_id", "missed_entry_id"],
        unique=False,
        postgresql_where=sa.text("missed_entry_id IS NOT NULL"),
    )
    op.create_index(
        "idx_calls_numbers",
        "calls",
        ["organization_id", "started_at"],
        unique=False,
        postgresql_include=[
            "csr_id",
            "status",
            "call_type",
            "direction",
            "answered_at",
            "duration_seconds",
            "outcome",
            "booking_status",
            "call_quality",
            "topic",
            "lead_id",
        ],
    )
    op.create_index(
        "idx_calls_org_date",
        "calls",
        ["organization_id", sa.literal_column("started_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "idx_calls_outcome_date",
        "calls",
        ["organization_id", "outcome", sa.literal_column("started_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "idx_calls_rep_date",
        "calls",
        ["organization_id", "assigned_rep_id", sa.literal_column("started_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "idx_calls_sentiment",
        "calls",
        ["organization_id", "sentiment", sa.literal_column("started_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("sentiment IS NOT NULL"),
    )
    op.create_index(
        "idx_calls_status_date",
        "calls",
        ["organization_id", "status", sa.literal_column("started_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "idx_calls_topic_date",
        "calls",
        ["organization_id", "topic", sa.literal_column("started_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index("uq_calls_callrail_call_id", "calls", ["organization_id", "callrail_call_id"], unique=True)
    op.create_index("uq_calls_external", "calls", ["organization_id", "external_source", "external_id"], unique=True)
    op.create_index("uq_calls_twilio_sid", "calls", ["organization_id", "twilio_sid"], unique=True)
    op.create_index("uq_calls_vapi_call_id", "calls", ["organization_id", "vapi_call_id"], unique=True)

    audit("calls", "call")


def _call_notes() -> None:
    create_tenant_table(
        "call_notes",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="note", nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('note', 'coaching')", name="check_kind"),
        sa.CheckConstraint("char_length(body) BETWEEN 1 AND 5000", name="check_body_length"),
        references=[Reference("call_id", "calls", "CASCADE"), Reference("user_id", "users", "CASCADE")],
        versioned=True,
        soft_deleted=True,
    )
    op.create_index("idx_call_notes_call", "call_notes", ["organization_id", "call_id", "created_at"], unique=False)
    op.create_index("idx_call_notes_user", "call_notes", ["organization_id", "user_id"], unique=False)

    audit("call_notes", "call_note")


def _call_transcripts() -> None:
    create_tenant_table(
        "call_transcripts",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("transcript_text", sa.Text(), nullable=False),
        sa.Column(
            "speaker_labels", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False
        ),
        sa.Column("language", sa.Text(), server_default="en", nullable=False),
        sa.Column("confidence_score", sa.Numeric(precision=4, scale=3), nullable=True),
        sa.Column("shunya_task_id", sa.Text(), nullable=True),
        sa.CheckConstraint("jsonb_typeof(speaker_labels) = 'array'", name="check_speaker_labels"),
        sa.CheckConstraint("confidence_score BETWEEN 0 AND 1", name="check_confidence_score_range"),
        sa.UniqueConstraint("organization_id", "call_id", name="uq_call_transcripts_call_id"),
        references=[Reference("call_id", "calls", "CASCADE")],
    )
    op.create_index("uq_call_transcripts_task", "call_transcripts", ["organization_id", "shunya_task_id"], unique=True)

    audit("call_transcripts", "call_transcript")


def _call_analyses() -> None:
    create_tenant_table(
        "call_analyses",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("qualification_status", sa.Text(), nullable=True),
        sa.Column("sentiment_score", sa.Numeric(precision=4, scale=3), nullable=True),
        sa.Column(
            "objections", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False
        ),
        sa.Column("objection_severity", sa.Text(), nullable=True),
        sa.Column("sop_compliance_score", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("sop_stages_completed", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("sop_stages_missed", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column(
            "pending_actions", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False
        ),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column(
            "missed_opportunities",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("confidence", sa.Numeric(precision=4, scale=3), nullable=True),
        sa.Column("shunya_task_id", sa.Text(), nullable=True),
        sa.Column(
            "analysed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("model", sa.Text(), nullable=True),
        sa.CheckConstraint("jsonb_typeof(objections) = 'array'", name="check_objections"),
        sa.CheckConstraint("objection_severity IN ('low', 'medium', 'high')", name="check_objection_severity"),
        sa.CheckConstraint(
            "qualification_status IN ('hot', 'warm', 'cold', 'unqualified')", name="check_qualification_status"
        ),
        sa.CheckConstraint("confidence BETWEEN 0 AND 1", name="check_confidence_range"),
        sa.CheckConstraint("sentiment_score BETWEEN -1 AND 1", name="check_sentiment_score_range"),
        sa.CheckConstraint("sop_compliance_score BETWEEN 0 AND 100", name="check_sop_compliance_score_range"),
        sa.UniqueConstraint(
            "organization_id",
            "call_id",
            name="uq_call_analyses_call_id",
            postgresql_include=["sop_compliance_score"],
        ),
        references=[Reference("call_id", "calls", "CASCADE")],
    )
    op.create_index("uq_call_analyses_task", "call_analyses", ["organization_id", "shunya_task_id"], unique=True)

    audit("call_analyses", "call_analysis")


def _appointments() -> None:
    create_tenant_table(
        "appointments",
        sa.Column("contact_card_id", sa.Uuid(), nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("csr_id", sa.Uuid(), nullable=True),
        sa.Column("sales_rep_id", sa.Uuid(), nullable=True),
        sa.Column("source_call_id", sa.Uuid(), nullable=True),
        sa.Column("service_type", sa.Text(), nullable=False),
        sa.Column("scheduled_start_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scheduled_end_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("status", sa.Text(), server_default="scheduled", nullable=False),
        sa.Column("outcome", sa.Text(), server_default="open", nullable=False),
        sa.Column("deal_value", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("lost_reason", sa.Text(), nullable=True),
        sa.Column("address_line_1", sa.Text(), nullable=True),
        sa.Column("address_line_2", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("zip", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("cancelled_reason", sa.Text(), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_by_label", sa.Text(), server_default="", nullable=False),
        sa.Column("external_source", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("external_fingerprint", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("(outcome <> 'open') = (outcome_at IS NOT NULL)", name="check_outcome_at"),
        sa.CheckConstraint("(status = 'completed') = (completed_at IS NOT NULL)", name="check_completed_at"),
        sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name="check_country_format"),
        sa.CheckConstraint("outcome = 'open' OR status = 'completed'", name="check_outcome_needs_completed"),
        sa.CheckConstraint("outcome IN ('open', 'closed_won', 'closed_lost')", name="check_outcome"),
        sa.CheckConstraint("status IN ('scheduled', 'completed', 'no_show', 'cancelled')", name="check_status"),
        sa.CheckConstraint("(external_source IS NULL) = (external_id IS NULL)", name="check_external_pair"),
        sa.CheckConstraint("char_length(address_line_1) BETWEEN 0 AND 200", name="check_address_line_1_length"),
        sa.CheckConstraint("char_length(address_line_2) BETWEEN 0 AND 200", name="check_address_line_2_length"),
        sa.CheckConstraint("char_length(cancelled_reason) BETWEEN 3 AND 500", name="check_cancelled_reason_length"),
        sa.CheckConstraint("char_length(city) BETWEEN 0 AND 100", name="check_city_length"),
        sa.CheckConstraint("char_length(lost_reason) BETWEEN 3 AND 500", name="check_lost_reason_length"),
        sa.CheckConstraint("char_length(notes) BETWEEN 0 AND 5000", name="check_notes_length"),
        sa.CheckConstraint("char_length(service_type) BETWEEN 2 AND 80", name="check_service_type_length"),
        sa.CheckConstraint("char_length(state) BETWEEN 0 AND 100", name="check_state_length"),
        sa.CheckConstraint("char_length(zip) BETWEEN 0 AND 20", name="check_zip_length"),
        sa.CheckConstraint(
            "contact_card_id IS NOT NULL OR external_id IS NOT NULL", name="check_appointment_contact_unless_imported"
        ),
        sa.CheckConstraint("deal_value BETWEEN 0 AND 9999999.99", name="check_deal_value_range"),
        sa.CheckConstraint("scheduled_end_at > scheduled_start_at", name="check_scheduled_end_after_start"),
        references=[
            Reference("contact_card_id", "contact_cards", "RESTRICT"),
            Reference("created_by", "users"),
            Reference("csr_id", "users"),
            Reference("lead_id", "leads"),
            Reference("sales_rep_id", "users"),
            Reference("source_call_id", "calls"),
        ],
        versioned=True,
        soft_deleted=True,
    )
    op.create_index("idx_appointments_booked", "appointments", ["organization_id", "booked_at", "csr_id"], unique=False)
    op.create_index("idx_appointments_call", "appointments", ["organization_id", "source_call_id"], unique=False)
    op.create_index("idx_appointments_contact", "appointments", ["organization_id", "contact_card_id"], unique=False)
    op.create_index(
        "idx_appointments_csr_booked",
        "appointments",
        ["organization_id", "csr_id", sa.literal_column("booked_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index("idx_appointments_deleted", "appointments", ["organization_id", "is_deleted"], unique=False)
    op.create_index("idx_appointments_lead", "appointments", ["organization_id", "lead_id"], unique=False)
    op.create_index(
        "idx_appointments_rep_start",
        "appointments",
        ["organization_id", "sales_rep_id", "scheduled_start_at"],
        unique=False,
    )
    op.create_index(
        "idx_appointments_start",
        "appointments",
        ["organization_id", sa.literal_column("scheduled_start_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "uq_appointments_external", "appointments", ["organization_id", "external_source", "external_id"], unique=True
    )

    audit("appointments", "appointment")


def _missed_call_entries() -> None:
    create_tenant_table(
        "missed_call_entries",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("contact_card_id", sa.Uuid(), nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("first_missed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sla_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_by", sa.Uuid(), nullable=True),
        sa.Column("claim_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rescued_by", sa.Text(), nullable=True),
        sa.Column("rescued_by_user_id", sa.Uuid(), nullable=True),
        sa.Column("rescue_call_id", sa.Uuid(), nullable=True),
        sa.Column("rescue_appointment_id", sa.Uuid(), nullable=True),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("outcome_note", sa.Text(), nullable=True),
        sa.CheckConstraint("rescued_by IN ('auto', 'human')", name="check_rescued_by"),
        sa.CheckConstraint("status <> 'claimed' OR claim_expires_at IS NOT NULL", name="check_claim_is_a_lease"),
        sa.CheckConstraint(
            "status <> 'rescued' OR (rescued_by IS NOT NULL AND resolved_at IS NOT NULL)", name="check_rescued_complete"
        ),
        sa.CheckConstraint(
            "status IN ('open', 'claimed', 'rescued', 'answered_later', 'lost', 'dismissed')", name="check_status"
        ),
        sa.CheckConstraint("attempts >= 0", name="check_attempts_positive"),
        sa.CheckConstraint("char_length(outcome_note) BETWEEN 3 AND 500", name="check_outcome_note_length"),
        sa.UniqueConstraint("organization_id", "call_id", name="uq_missed_call_entries_call_id"),
        references=[
            Reference("call_id", "calls", "CASCADE"),
            Reference("claimed_by", "users"),
            Reference("contact_card_id", "contact_cards"),
            Reference("lead_id", "leads"),
            Reference("rescue_appointment_id", "appointments"),
            Reference("rescue_call_id", "calls"),
            Reference("rescued_by_user_id", "users"),
        ],
        versioned=True,
    )
    op.create_index(
        "idx_missed_entries_claimed_by",
        "missed_call_entries",
        ["organization_id", "claimed_by"],
        unique=False,
        postgresql_where=sa.text("claimed_by IS NOT NULL"),
    )
    op.create_index(
        "idx_missed_entries_contact", "missed_call_entries", ["organization_id", "contact_card_id"], unique=False
    )
    op.create_index(
        "idx_missed_entries_first",
        "missed_call_entries",
        ["organization_id", sa.literal_column("first_missed_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "idx_missed_entries_waiting",
        "missed_call_entries",
        ["organization_id", "first_missed_at", "id"],
        unique=False,
        postgresql_where=sa.text("status IN ('open', 'claimed')"),
    )
    op.create_index("idx_missed_entries_lead", "missed_call_entries", ["organization_id", "lead_id"], unique=False)
    op.create_index(
        "idx_missed_entries_resolved",
        "missed_call_entries",
        ["organization_id", "resolved_at"],
        unique=False,
        postgresql_where=sa.text("resolved_at IS NOT NULL"),
    )
    op.create_index(
        "idx_missed_entries_status_due",
        "missed_call_entries",
        ["organization_id", "status", "sla_due_at", "id"],
        unique=False,
    )
    op.create_index(
        "idx_missed_entries_rescue_call",
        "missed_call_entries",
        ["organization_id", "rescue_call_id"],
        unique=False,
        postgresql_where=sa.text("rescue_call_id IS NOT NULL"),
    )
    op.create_index(
        "idx_missed_entries_rescue_appointment",
        "missed_call_entries",
        ["organization_id", "rescue_appointment_id"],
        unique=False,
        postgresql_where=sa.text("rescue_appointment_id IS NOT NULL"),
    )
    op.create_index(
        "idx_missed_entries_rescued_by",
        "missed_call_entries",
        ["organization_id", "rescued_by_user_id"],
        unique=False,
        postgresql_where=sa.text("rescued_by_user_id IS NOT NULL"),
    )

    audit("missed_call_entries", "missed_call_entry", ignored=("claim_expires_at",))


def upgrade() -> None:
    _calls()
    _call_notes()
    _call_transcripts()
    _call_analyses()
    _appointments()
    _missed_call_entries()
    op.create_foreign_key(
        "fk_calls_missed_entry_id",
        "calls",
        "missed_call_entries",
        ["organization_id", "missed_entry_id"],
        ["organization_id", "id"],
        ondelete="SET NULL (missed_entry_id)",
    )


def downgrade() -> None:
    op.drop_constraint("fk_calls_missed_entry_id", "calls")
    op.drop_table("missed_call_entries")
    op.drop_table("appointments")
    op.drop_table("call_analyses")
    op.drop_table("call_transcripts")
    op.drop_table("call_notes")
    op.drop_table("calls")
