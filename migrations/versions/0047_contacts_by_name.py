"""Contacts are found by the beginning of their names through indexes usable under row-level security."""

from collections.abc import Mapping
from importlib import import_module

from alembic import op

from migrations.support import audit

revision = "0047_contacts_by_name"
down_revision = "0046_objections_by_category"
branch_labels = None
depends_on = None

description = "Calls are found by the names of contacts without reading every contact"
breaking = False

_FINDERS = import_module("migrations.versions.0026_privacy").FINDERS

FULL_NAME = "nullif(btrim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), '')"
#: Under row-level security, a condition can only use an index through leakproof functions, and `lower()` isn't.
KEYS = {"name_key": f"lower({FULL_NAME})", "company_key": "lower(company_name)"}
#: name → (column after the organization, further condition)
INDEXES = {
    "idx_contact_cards_name_key": ("name_key", ""),
    "idx_contact_cards_company_key": ("company_key", " WHERE company_name <> ''"),
}
REPLACED = {
    "idx_contact_cards_name": ("lower(full_name)", ""),
    "idx_contact_cards_company": ("lower(company_name)", " WHERE company_name <> ''"),
}
IGNORED = ("full_name",)

# Erasing a person finds their cards through the same indexes.
NAMED = _FINDERS["contact_cards_named(text, integer)"].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)
NAMED_BY_KEYS = NAMED.replace("lower(full_name)", "name_key").replace("lower(company_name)", "company_key")


def upgrade() -> None:
    # Rewrites the table once for both columns: a second for a hundred thousand contacts. They are committed before the
    # indexes are built, so that a second run after a failure finds them.
    columns = (f"ADD COLUMN IF NOT EXISTS {name} text GENERATED ALWAYS AS ({key}) STORED" for name, key in KEYS.items())
    op.execute(f"-- squawk-ignore adding-field-with-default\nALTER TABLE contact_cards {', '.join(columns)}")
    op.execute("DROP TRIGGER audit ON contact_cards")
    audit("contact_cards", "contact_card", ignored=(*IGNORED, *KEYS))
    _replace(INDEXES, NAMED_BY_KEYS, REPLACED)


def downgrade() -> None:
    _replace(REPLACED, NAMED, INDEXES)
    op.execute("DROP TRIGGER audit ON contact_cards")
    audit("contact_cards", "contact_card", ignored=IGNORED)
    for name in reversed(KEYS):
        op.drop_column("contact_cards", name)


def _replace(indexes: Mapping[str, tuple[str, str]], function: str, old: Mapping[str, tuple[str, str]]) -> None:
    """Replace the function that finds contacts, and the indexes it uses.

    The indexes are replaced outside a transaction, so that contacts can be written in the meantime.
    """
    with op.get_context().autocommit_block():
        _drop(*indexes)
        for name, (column, where) in indexes.items():
            op.execute(
                f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON contact_cards (organization_id, {column}, id){where}"
            )
    op.execute(function)
    with op.get_context().autocommit_block():
        _drop(*old)


def _drop(*indexes: str) -> None:
    for index in indexes:
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {index}")
