"""Contacts, their phone numbers, and leads."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import Reference, audit, create_tenant_table

revision = "0003_contacts_and_leads"
down_revision = "0002_organizations_and_users"
branch_labels = None
depends_on = None

description = "Contact cards, their phones, and leads"
breaking = False


def _contact_cards() -> None:
    create_tenant_table(
        "contact_cards",
        sa.Column("primary_phone", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("company_name", sa.Text(), nullable=True),
        sa.Column("first_name", sa.Text(), nullable=True),
        sa.Column("last_name", sa.Text(), nullable=True),
        sa.Column(
            "full_name",
            sa.Text(),
            sa.Computed(
                "nullif(btrim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), '')", persisted=True
            ),
            nullable=True,
        ),
        sa.Column("address_line_1", sa.Text(), nullable=True),
        sa.Column("address_line_2", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("zip", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), server_default="manual", nullable=False),
        sa.Column(
            "property_snapshot", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("last_call_summary", sa.Text(), nullable=True),
        sa.Column("primary_intent", sa.Text(), nullable=True),
        sa.Column("risks", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column(
            "custom_metadata", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("timezone", sa.Text(), nullable=True),
        sa.Column("sms_opt_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_by_label", sa.Text(), server_default="", nullable=False),
        sa.Column("external_source", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("external_fingerprint", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name="check_country_format"),
        sa.CheckConstraint("primary_phone ~ '^\\+[1-9]\\d{1,14}$'", name="check_primary_phone_format"),
        sa.CheckConstraint(
            "source IN ('callrail', 'manual', 'auto_ai', 'import', 'otto', 'shunya')", name="check_source"
        ),
        sa.CheckConstraint("(external_source IS NULL) = (external_id IS NULL)", name="check_external_pair"),
        sa.CheckConstraint("cardinality(tags) <= 20", name="check_tags_count"),
        sa.CheckConstraint("array_to_string(tags, chr(10)) !~ '[^\\n]{41}'", name="check_tags_length"),
        sa.CheckConstraint("char_length(address_line_1) BETWEEN 0 AND 200", name="check_address_line_1_length"),
        sa.CheckConstraint("char_length(address_line_2) BETWEEN 0 AND 200", name="check_address_line_2_length"),
        sa.CheckConstraint("char_length(city) BETWEEN 0 AND 100", name="check_city_length"),
        sa.CheckConstraint("char_length(company_name) BETWEEN 0 AND 100", name="check_company_name_length"),
        sa.CheckConstraint("char_length(email) BETWEEN 0 AND 254", name="check_email_length"),
        sa.CheckConstraint("char_length(first_name) BETWEEN 0 AND 100", name="check_first_name_length"),
        sa.CheckConstraint("char_length(last_name) BETWEEN 0 AND 100", name="check_last_name_length"),
        sa.CheckConstraint("char_length(state) BETWEEN 0 AND 100", name="check_state_length"),
        sa.CheckConstraint("char_length(zip) BETWEEN 0 AND 20", name="check_zip_length"),
        references=[Reference("created_by", "users")],
        versioned=True,
        soft_deleted=True,
    )
    op.create_index("idx_contact_cards_created_by", "contact_cards", ["organization_id", "created_by"], unique=False)
    op.create_index("idx_contact_cards_deleted", "contact_cards", ["organization_id", "is_deleted"], unique=False)
    op.create_index(
        "idx_contact_cards_name",
        "contact_cards",
        ["organization_id", sa.literal_column("lower(full_name)"), "id"],
        unique=False,
    )
    op.create_index(
        "uq_contact_cards_external", "contact_cards", ["organization_id", "external_source", "external_id"], unique=True
    )

    audit("contact_cards", "contact_card", ignored=("full_name",))


def _contact_phones() -> None:
    create_tenant_table(
        "contact_phones",
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("contact_card_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("phone ~ '^\\+[1-9]\\d{1,14}$'", name="check_phone_format"),
        references=[Reference("contact_card_id", "contact_cards", "CASCADE")],
        soft_deleted=True,
    )
    op.create_index("idx_contact_phones_card", "contact_phones", ["organization_id", "contact_card_id"], unique=False)
    op.create_index(
        "uq_contact_phones_phone",
        "contact_phones",
        ["organization_id", "phone"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )

    audit("contact_phones", "contact_phone")


def _leads() -> None:
    create_tenant_table(
        "leads",
        sa.Column("contact_card_id", sa.Uuid(), nullable=True),
        sa.Column("stage", sa.Text(), server_default="new", nullable=False),
        sa.Column("qualification_status", sa.Text(), nullable=True),
        sa.Column("qualification_source", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), server_default="manual", nullable=False),
        sa.Column("csr_id", sa.Uuid(), nullable=True),
        sa.Column("assigned_rep_id", sa.Uuid(), nullable=True),
        sa.Column(
            "last_activity_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("won_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dead_reason", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_by_label", sa.Text(), server_default="", nullable=False),
        sa.Column("external_source", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("external_fingerprint", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("qualification_source IN ('user', 'analysis', 'import')", name="check_qualification_source"),
        sa.CheckConstraint(
            "qualification_status IN ('hot', 'warm', 'cold', 'unqualified')", name="check_qualification_status"
        ),
        sa.CheckConstraint(
            "source IN ('callrail', 'manual', 'auto_ai', 'import', 'otto', 'shunya')", name="check_source"
        ),
        sa.CheckConstraint("stage IN ('new', 'qualified', 'booked', 'pending', 'dead')", name="check_stage"),
        sa.CheckConstraint("(external_source IS NULL) = (external_id IS NULL)", name="check_external_pair"),
        sa.CheckConstraint("char_length(dead_reason) BETWEEN 3 AND 500", name="check_dead_reason_length"),
        sa.CheckConstraint(
            "contact_card_id IS NOT NULL OR external_id IS NOT NULL", name="check_lead_contact_unless_imported"
        ),
        references=[
            Reference("assigned_rep_id", "users"),
            Reference("contact_card_id", "contact_cards", "RESTRICT"),
            Reference("created_by", "users"),
            Reference("csr_id", "users"),
        ],
        versioned=True,
        soft_deleted=True,
    )
    op.create_index(
        "idx_leads_activity",
        "leads",
        ["organization_id", sa.literal_column("last_activity_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index("idx_leads_contact", "leads", ["organization_id", "contact_card_id"], unique=False)
    op.create_index(
        "idx_leads_csr",
        "leads",
        ["organization_id", "csr_id", sa.literal_column("last_activity_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index("idx_leads_deleted", "leads", ["organization_id", "is_deleted"], unique=False)
    op.create_index(
        "idx_leads_qualification",
        "leads",
        ["organization_id", "qualification_status", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("idx_leads_rep_stage", "leads", ["organization_id", "assigned_rep_id", "stage"], unique=False)
    op.create_index("uq_leads_external", "leads", ["organization_id", "external_source", "external_id"], unique=True)
    op.create_index(
        "uq_leads_open_contact_source",
        "leads",
        ["organization_id", "contact_card_id", "source"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL AND deleted_at IS NULL AND external_id IS NULL"),
    )

    audit("leads", "lead", ignored=("last_activity_at",))


# A card with calls, open leads or appointments cannot be deleted, only merged or erased. Hard deletes are also stopped
# by the foreign keys; a soft delete only by this trigger. Its lock conflicts with that of a new call's reference, in
# both directions: a call being stored is visible here once it is committed.
CARD_IN_USE = """
CREATE FUNCTION refuse_deleting_used_card() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM FROM contact_cards WHERE organization_id = OLD.organization_id AND id = OLD.id FOR UPDATE;
  IF EXISTS (SELECT FROM calls WHERE organization_id = OLD.organization_id AND contact_card_id = OLD.id)
     OR EXISTS (SELECT FROM leads WHERE organization_id = OLD.organization_id AND contact_card_id = OLD.id
                AND closed_at IS NULL AND deleted_at IS NULL)
     OR EXISTS (SELECT FROM appointments WHERE organization_id = OLD.organization_id AND contact_card_id = OLD.id
                AND deleted_at IS NULL)
  THEN
    RAISE EXCEPTION 'the contact has calls, open leads or appointments'
      USING ERRCODE = '23503', CONSTRAINT = 'contact_card_in_use', TABLE = 'contact_cards';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$$
"""


def _keep_used_cards() -> None:
    op.execute(CARD_IN_USE)
    op.execute(
        "CREATE TRIGGER refuse_delete BEFORE DELETE ON contact_cards FOR EACH ROW "
        "EXECUTE FUNCTION refuse_deleting_used_card()"
    )
    op.execute(
        "CREATE TRIGGER refuse_soft_delete BEFORE UPDATE OF deleted_at ON contact_cards FOR EACH ROW "
        "WHEN (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION refuse_deleting_used_card()"
    )


def upgrade() -> None:
    _contact_cards()
    _contact_phones()
    _leads()
    _keep_used_cards()


def downgrade() -> None:
    op.drop_table("leads")
    op.drop_table("contact_phones")
    op.drop_table("contact_cards")
    op.execute("DROP FUNCTION refuse_deleting_used_card()")
