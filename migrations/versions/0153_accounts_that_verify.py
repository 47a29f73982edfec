"""Accounts name the company whose events they accept, and how requests of VAPI are authenticated."""

from alembic import op

from migrations.support import once

revision = "0153_accounts_that_verify"
down_revision = "0152_waiting_for_storage"
branch_labels = None
depends_on = None

description = "CallRail accounts have a company ID, and VAPI accounts a webhook authentication"
# The previous version stores no authentication of VAPI accounts, so it can't add any.
breaking = True

_CHECKS = {
    "check_company_id_length": "char_length(company_id) BETWEEN 1 AND 200",
    "check_company_id_of_callrail": "company_id IS NULL OR provider = 'callrail'",
    "check_webhook_authentication": "webhook_authentication IN ('signature', 'bearer')",
    "check_webhook_authentication_of_vapi": "(provider = 'vapi') = (webhook_authentication IS NOT NULL)",
}


def upgrade() -> None:
    once(revision, _columns)
    # Outside a transaction, so that rows can be written in the meantime.
    with op.get_context().autocommit_block():
        for name in _CHECKS:
            op.execute(f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE integrations VALIDATE CONSTRAINT {name}")


def downgrade() -> None:
    for column in ("webhook_authentication", "company_id"):
        op.drop_column("integrations", column)


def _columns() -> None:
    op.execute("ALTER TABLE integrations ADD COLUMN company_id text, ADD COLUMN webhook_authentication text")
    # Not a change by a person: a signature is what VAPI sends by default. There is at most one row per organization.
    op.execute("ALTER TABLE integrations DISABLE TRIGGER USER")
    op.execute("UPDATE integrations SET webhook_authentication = 'signature' WHERE provider = 'vapi'")
    op.execute("ALTER TABLE integrations ENABLE TRIGGER USER")
    for name, condition in _CHECKS.items():
        op.execute(f"ALTER TABLE integrations ADD CONSTRAINT {name} CHECK ({condition}) NOT VALID")
