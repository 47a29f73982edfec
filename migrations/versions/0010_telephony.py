"""Phone numbers, recordings, disputes, attempts to reach missed callers."""

import sqlalchemy as sa
from alembic import op

from migrations.support import Reference, audit, create_tenant_table

revision = "0010_telephony"
down_revision = "0009_accounts"
branch_labels = None
depends_on = None

description = "Phone numbers, recordings, disputes, attempts at missed calls"
breaking = False


def _calls_name_their_number() -> None:
    """Add the column and build its index first and outside a transaction, because there are many calls.

    Calls are written while the index is built. A second run after a failure finds the column and possibly a half-built
    index.
    """
    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE calls ADD COLUMN IF NOT EXISTS phone_number_id uuid")
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS idx_calls_phone_number")
        op.create_index(
            "idx_calls_phone_number",
            "calls",
            ["organization_id", "phone_number_id"],
            unique=False,
            postgresql_where=sa.text("phone_number_id IS NOT NULL"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def _phone_numbers() -> None:
    create_tenant_table(
        "phone_numbers",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=True),
        sa.Column("forwarding_number", sa.Text(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("purpose", sa.Text(), server_default="reception", nullable=False),
        sa.CheckConstraint("forwarding_number ~ '^\\+[1-9]\\d{1,14}$'", name="check_forwarding_format"),
        sa.CheckConstraint("number ~ '^\\+[1-9]\\d{1,14}$'", name="check_number_format"),
        sa.CheckConstraint("provider IN ('vapi', 'twilio')", name="check_provider"),
        sa.CheckConstraint(
            "purpose IN ('reception', 'after_hours', 'tracking', 'outbound', 'texting')", name="check_purpose"
        ),
        sa.CheckConstraint("char_length(display_name) BETWEEN 0 AND 50", name="check_display_name_length"),
        versioned=True,
        soft_deleted=True,
    )
    op.create_index("idx_phone_numbers_deleted", "phone_numbers", ["organization_id", "is_deleted"], unique=False)
    op.create_index("idx_phone_numbers_number", "phone_numbers", ["organization_id", "number", "id"], unique=False)
    # Across all organizations: a number belongs to only one.
    op.create_index(
        "uq_phone_numbers_number",
        "phone_numbers",
        ["number"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )

    audit("phone_numbers", "phone_number")


def _calls_refer_to_their_number() -> None:
    # In one transaction with its validation: all values are still NULL, and the index on the others is empty.
    op.execute(
        "ALTER TABLE calls ADD CONSTRAINT fk_calls_phone_number_id FOREIGN KEY (organization_id, phone_number_id) "
        "REFERENCES phone_numbers (organization_id, id) ON DELETE SET NULL (phone_number_id) NOT VALID"
    )
    # Fast: no call refers to a number yet, as the index shows.
    op.execute(
        "-- squawk-ignore constraint-missing-not-valid\nALTER TABLE calls VALIDATE CONSTRAINT fk_calls_phone_number_id"
    )


def _blocked_numbers() -> None:
    create_tenant_table(
        "blocked_numbers",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("number ~ '^\\+[1-9]\\d{1,14}$'", name="check_number_format"),
        sa.CheckConstraint("char_length(reason) BETWEEN 3 AND 500", name="check_reason_length"),
        sa.UniqueConstraint("organization_id", "number", name="uq_blocked_numbers_number"),
    )

    audit("blocked_numbers", "blocked_number")


def _missed_call_attempts() -> None:
    create_tenant_table(
        "missed_call_attempts",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("by IN ('human', 'ai')", name="check_by"),
        sa.CheckConstraint("kind IN ('call', 'text')", name="check_kind"),
        sa.CheckConstraint(
            "result IN ('reached', 'no_answer', 'voicemail', 'wrong_number', 'sent', 'failed')", name="check_result"
        ),
        sa.CheckConstraint(
            "CASE kind WHEN 'text' THEN result IN ('sent', 'failed') ELSE result <> 'sent' END",
            name="check_result_of_kind",
        ),
        references=[
            Reference("call_id", "calls"),
            Reference("entry_id", "missed_call_entries", "CASCADE"),
            Reference("message_id", "messages"),
            Reference("user_id", "users"),
        ],
    )
    op.create_index(
        "idx_missed_attempts_call",
        "missed_call_attempts",
        ["organization_id", "call_id"],
        unique=False,
        postgresql_where=sa.text("call_id IS NOT NULL"),
    )
    op.create_index(
        "idx_missed_attempts_entry", "missed_call_attempts", ["organization_id", "entry_id", "at", "id"], unique=False
    )
    op.create_index(
        "idx_missed_attempts_message",
        "missed_call_attempts",
        ["organization_id", "message_id"],
        unique=False,
        postgresql_where=sa.text("message_id IS NOT NULL"),
    )
    op.create_index("idx_missed_attempts_user", "missed_call_attempts", ["organization_id", "user_id", "at"])

    audit("missed_call_attempts", "missed_call_attempt")


def _booking_disputes() -> None:
    create_tenant_table(
        "booking_disputes",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("raised_by", sa.Uuid(), nullable=True),
        sa.Column("raised_by_label", sa.Text(), server_default="", nullable=False),
        sa.Column("from_status", sa.Text(), nullable=False),
        sa.Column("to_status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_by_label", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(status = 'open') = (decided_at IS NULL)", name="check_decided_at"),
        sa.CheckConstraint("from_status IN ('booked', 'not_booked', 'service_not_offered')", name="check_from_status"),
        sa.CheckConstraint("status IN ('open', 'accepted', 'rejected')", name="check_status"),
        sa.CheckConstraint("to_status IN ('booked', 'not_booked', 'service_not_offered')", name="check_to_status"),
        sa.CheckConstraint("to_status <> from_status", name="check_dispute_changes_something"),
        sa.CheckConstraint("char_length(reason) BETWEEN 3 AND 500", name="check_reason_length"),
        references=[
            Reference("call_id", "calls", "CASCADE"),
            Reference("decided_by", "users"),
            Reference("raised_by", "users"),
        ],
        versioned=True,
    )
    op.create_index("idx_booking_disputes_call", "booking_disputes", ["organization_id", "call_id", "created_at"])
    op.create_index(
        "idx_booking_disputes_status",
        "booking_disputes",
        ["organization_id", "status", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
    )
    op.create_index(
        "uq_booking_disputes_open",
        "booking_disputes",
        ["organization_id", "call_id"],
        unique=True,
        postgresql_where=sa.text("status = 'open'"),
    )

    audit("booking_disputes", "booking_dispute")


def _recording_sessions() -> None:
    create_tenant_table(
        "recording_sessions",
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("sales_rep_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Text(), server_default="recording", nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("storage_key", sa.Text(), nullable=True),
        sa.Column("audio_bytes", sa.BigInteger(), nullable=True),
        sa.Column("content_type", sa.Text(), nullable=True),
        sa.Column(
            "started_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("duration_seconds", sa.Integer(), nullable=True),
        sa.Column("shunya_asr_task_id", sa.Text(), nullable=True),
        sa.Column("shunya_analysis_task_id", sa.Text(), nullable=True),
        sa.CheckConstraint("(status = 'recording') = (ended_at IS NULL)", name="check_recording_ended_at"),
        sa.CheckConstraint("consent IN ('given', 'refused', 'not_needed')", name="check_consent"),
        sa.CheckConstraint("status IN ('recording', 'uploaded', 'processing', 'ready', 'failed')", name="check_status"),
        sa.CheckConstraint("audio_bytes BETWEEN 0 AND 209715200", name="check_audio_bytes_range"),
        sa.CheckConstraint("char_length(content_type) BETWEEN 1 AND 100", name="check_content_type_length"),
        sa.CheckConstraint("consent <> 'refused' OR storage_key IS NULL", name="check_refused_has_no_audio"),
        sa.CheckConstraint("duration_seconds BETWEEN 0 AND 86400", name="check_duration_range"),
        sa.CheckConstraint("ended_at > started_at", name="check_end_after_start"),
        references=[
            # Not CASCADE: the audio is in the file storage, and must be deleted from there when the appointment is
            # purged.
            Reference("appointment_id", "appointments", "RESTRICT"),
            Reference("call_id", "calls"),
            Reference("sales_rep_id", "users", "RESTRICT"),
        ],
        versioned=True,
        soft_deleted=True,
    )
    op.create_index("idx_recording_sessions_appointment", "recording_sessions", ["organization_id", "appointment_id"])
    op.create_index("idx_recording_sessions_deleted", "recording_sessions", ["organization_id", "is_deleted"])
    newest_first = [sa.literal_column("started_at DESC"), sa.literal_column("id DESC")]
    op.create_index("idx_recording_sessions_date", "recording_sessions", ["organization_id", *newest_first])
    op.create_index(
        "idx_recording_sessions_rep_date", "recording_sessions", ["organization_id", "sales_rep_id", *newest_first]
    )
    op.create_index(
        "uq_recording_sessions_call_id",
        "recording_sessions",
        ["organization_id", "call_id"],
        unique=True,
        postgresql_where=sa.text("call_id IS NOT NULL"),
    )
    op.create_index(
        "uq_recording_sessions_open",
        "recording_sessions",
        ["organization_id", "sales_rep_id"],
        unique=True,
        postgresql_where=sa.text("status = 'recording' AND deleted_at IS NULL"),
    )

    audit("recording_sessions", "recording_session")


def _recording_parts() -> None:
    create_tenant_table(
        "recording_parts",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column(
            "received_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("bytes BETWEEN 1 AND 209715200", name="check_bytes_range"),
        sa.CheckConstraint("number >= 1", name="check_number_positive"),
        sa.CheckConstraint("octet_length(sha256) = 32", name="check_sha256_length"),
        sa.UniqueConstraint("organization_id", "session_id", "number", name="uq_recording_parts_number"),
        references=[Reference("session_id", "recording_sessions", "CASCADE")],
    )
    op.create_index("idx_recording_parts_session", "recording_parts", ["organization_id", "session_id"])


# Deleting waits for calls being stored (their references lock the row FOR KEY SHARE, which a soft delete alone would
# not conflict with), then counts the active ones.
NUMBER_IN_CALL = """
CREATE FUNCTION refuse_deleting_number_in_call() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  active bigint;
BEGIN
  PERFORM FROM phone_numbers WHERE organization_id = OLD.organization_id AND id = OLD.id FOR UPDATE;
  SELECT count(*) INTO active FROM calls
  WHERE organization_id = OLD.organization_id AND phone_number_id = OLD.id AND status = 'active';
  IF active > 0 THEN
    RAISE EXCEPTION '% active calls on this number', active
      USING ERRCODE = '23503', CONSTRAINT = 'active_calls', TABLE = 'phone_numbers', DETAIL = active::text;
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$$
"""

ORGANIZATION_IN_CALL = """
CREATE FUNCTION refuse_deleting_organization_in_call() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  active bigint;
BEGIN
  PERFORM FROM organizations WHERE id = OLD.id FOR UPDATE;
  SELECT count(*) INTO active FROM calls WHERE organization_id = OLD.id AND status = 'active';
  IF active > 0 THEN
    RAISE EXCEPTION '% active calls in this organization', active
      USING ERRCODE = '23503', CONSTRAINT = 'active_calls', TABLE = 'organizations', DETAIL = active::text;
  END IF;
  RETURN NEW;
END
$$
"""

# Runs for every stored call, so its plan is cached per connection: the app's roles otherwise plan every statement
# again.
CALL_OF_DELETED_ORGANIZATION = """
CREATE FUNCTION refuse_call_of_deleted_organization() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  PERFORM FROM organizations WHERE id = NEW.organization_id AND deleted_at IS NULL FOR KEY SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the organization of this call is deleted'
      USING ERRCODE = '23514', CONSTRAINT = 'organization_not_deleted', TABLE = 'calls';
  END IF;
  RETURN NEW;
END
$$
"""

# Counterpart of refuse_deleting_used_card(): a reference to a card that is being deleted waits for the deletion, and
# must not refer to a card in the trash afterwards.
CARD_IN_TRASH = """
CREATE FUNCTION refuse_card_in_trash() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  PERFORM FROM contact_cards
  WHERE organization_id = NEW.organization_id AND id = NEW.contact_card_id AND deleted_at IS NULL
  FOR KEY SHARE;
  IF NOT FOUND AND EXISTS (
    SELECT FROM contact_cards WHERE organization_id = NEW.organization_id AND id = NEW.contact_card_id
  ) THEN
    RAISE EXCEPTION 'the contact card is in the trash'
      USING ERRCODE = '23514', CONSTRAINT = 'contact_card_not_deleted', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END
$$
"""

FUNCTIONS = {
    "refuse_deleting_number_in_call()": NUMBER_IN_CALL,
    "refuse_deleting_organization_in_call()": ORGANIZATION_IN_CALL,
    "refuse_call_of_deleted_organization()": CALL_OF_DELETED_ORGANIZATION,
    "refuse_card_in_trash()": CARD_IN_TRASH,
}
HAVE_A_CARD = {"calls": "", "leads": " AND NEW.deleted_at IS NULL", "appointments": " AND NEW.deleted_at IS NULL"}


def _refusals() -> None:
    for function in FUNCTIONS.values():
        op.execute(function)
    op.execute(
        "CREATE TRIGGER refuse_delete BEFORE DELETE ON phone_numbers FOR EACH ROW "
        "EXECUTE FUNCTION refuse_deleting_number_in_call()"
    )
    for table, function in (
        ("phone_numbers", "refuse_deleting_number_in_call"),
        ("organizations", "refuse_deleting_organization_in_call"),
    ):
        op.execute(
            f"CREATE TRIGGER refuse_soft_delete BEFORE UPDATE OF deleted_at ON {table} FOR EACH ROW "
            f"WHEN (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION {function}()"
        )
    op.execute(
        "CREATE TRIGGER refuse_deleted_organization BEFORE INSERT ON calls FOR EACH ROW "
        "EXECUTE FUNCTION refuse_call_of_deleted_organization()"
    )
    for table, unless_deleted in HAVE_A_CARD.items():
        refers = f"NEW.contact_card_id IS NOT NULL{unless_deleted}"
        op.execute(
            f"CREATE TRIGGER refuse_card_in_trash BEFORE INSERT ON {table} FOR EACH ROW "
            f"WHEN ({refers}) EXECUTE FUNCTION refuse_card_in_trash()"
        )
        op.execute(
            f"CREATE TRIGGER refuse_moving_to_card_in_trash BEFORE UPDATE OF contact_card_id ON {table} FOR EACH ROW "
            f"WHEN (NEW.contact_card_id IS DISTINCT FROM OLD.contact_card_id AND {refers}) "
            "EXECUTE FUNCTION refuse_card_in_trash()"
        )


def upgrade() -> None:
    _calls_name_their_number()
    _phone_numbers()
    _calls_refer_to_their_number()
    _blocked_numbers()
    _missed_call_attempts()
    _booking_disputes()
    _recording_sessions()
    _recording_parts()
    _refusals()


def downgrade() -> None:
    for table in HAVE_A_CARD:
        op.execute(f"DROP TRIGGER refuse_card_in_trash ON {table}")
        op.execute(f"DROP TRIGGER refuse_moving_to_card_in_trash ON {table}")
    op.execute("DROP TRIGGER refuse_deleted_organization ON calls")
    op.execute("DROP TRIGGER refuse_soft_delete ON organizations")
    op.drop_column("calls", "phone_number_id")
    for table in (
        "recording_parts",
        "recording_sessions",
        "booking_disputes",
        "missed_call_attempts",
        "blocked_numbers",
        "phone_numbers",
    ):
        op.drop_table(table)
    for signature in FUNCTIONS:
        op.execute(f"DROP FUNCTION {signature}")
