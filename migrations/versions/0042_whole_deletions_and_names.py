"""Only complete deletions are purged; sessions, attendees and call data are found by name."""

from importlib import import_module

from alembic import op

revision = "0042_whole_deletions_and_names"
down_revision = "0041_signed_context"
branch_labels = None
depends_on = None

description = "Only what is deleted whole is removed for good; more records are found by names"
breaking = False

_NAMES = import_module("migrations.versions.0036_names_in_the_trail")

WHOLE = "check_purged_when_all_deleted"

# Also records named after a person or call that matches: by the IDs already found.
RECORDS_NAMED = (
    _NAMES.RECORDS_NAMED.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)
    .replace("  named_calls uuid[];\n", "  named_calls uuid[];\n  people uuid[];\n")
    .replace(
        "                 AND 'booking_dispute' <> ALL (hidden) LIMIT most);\n",
        "                 AND 'booking_dispute' <> ALL (hidden) LIMIT most)\n"
        "      UNION ALL (SELECT id FROM call_transcripts WHERE organization_id = organization\n"
        "                 AND call_id = ANY (named_calls) AND 'call_transcript' <> ALL (hidden) LIMIT most)\n"
        "      UNION ALL (SELECT id FROM call_analyses WHERE organization_id = organization\n"
        "                 AND call_id = ANY (named_calls) AND 'call_analysis' <> ALL (hidden) LIMIT most);\n",
    )
    .replace(
        "  RETURN QUERY\n"
        "    SELECT id FROM users WHERE organization_id = organization AND 'user' <> ALL (hidden)\n"
        "      AND strpos(lower(name), word) > 0 AND name_words(organization_id, name) @@ wanted\n"
        "    UNION ALL (SELECT id FROM tasks",
        "  people := ARRAY(\n"
        "    SELECT id FROM users WHERE organization_id = organization\n"
        "      AND strpos(lower(name), word) > 0 AND name_words(organization_id, name) @@ wanted\n"
        "  );\n"
        "  IF people <> '{}' THEN\n"
        "    RETURN QUERY\n"
        "      SELECT unnest(people) WHERE 'user' <> ALL (hidden)\n"
        "      UNION ALL (SELECT id FROM user_sessions WHERE organization_id = organization\n"
        "                 AND user_id = ANY (people) AND 'session' <> ALL (hidden) LIMIT most)\n"
        "      UNION ALL (SELECT id FROM event_attendees WHERE organization_id = organization\n"
        "                 AND user_id = ANY (people) AND 'event_attendee' <> ALL (hidden) LIMIT most);\n"
        "  END IF;\n"
        "  RETURN QUERY\n"
        "    (SELECT id FROM tasks",
    )
)
READ = ("call_transcripts", "call_analyses", "user_sessions", "event_attendees")


def upgrade() -> None:
    # For purged deletions nothing remains to be done.
    op.execute(
        "UPDATE deletion_batches SET delete_failure = NULL WHERE purged_at IS NOT NULL AND delete_failure IS NOT NULL"
    )
    op.execute(
        f"ALTER TABLE deletion_batches ADD CONSTRAINT {WHOLE} "
        "CHECK (purged_at IS NULL OR (deleting_at IS NULL AND delete_failure IS NULL)) NOT VALID"
    )
    # One row per deletion, so the validation is fast.
    op.execute(
        f"-- squawk-ignore constraint-missing-not-valid\nALTER TABLE deletion_batches VALIDATE CONSTRAINT {WHOLE}"
    )
    for table in READ:
        op.execute(f"CREATE POLICY search ON {table} FOR SELECT TO app_search USING (true)")
        op.execute(f"GRANT SELECT (organization_id, id, {_key_of(table)}) ON {table} TO app_search")
    _replace(RECORDS_NAMED)


def downgrade() -> None:
    _replace(_NAMES.RECORDS_NAMED.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1))
    for table in READ:
        op.execute(f"REVOKE SELECT (organization_id, id, {_key_of(table)}) ON {table} FROM app_search")
        op.execute(f"DROP POLICY search ON {table}")
    op.execute(f"ALTER TABLE deletion_batches DROP CONSTRAINT {WHOLE}")


def _replace(function: str) -> None:
    """Replace a function as the search role, which owns it."""
    op.execute("GRANT CREATE ON SCHEMA public TO app_search")
    op.execute("SET LOCAL ROLE app_search")
    op.execute(function)
    op.execute("RESET ROLE")
    op.execute("REVOKE CREATE ON SCHEMA public FROM app_search")


def _key_of(table: str) -> str:
    """Return the column that identifies the rows of `table`."""
    return "call_id" if table.startswith("call_") else "user_id"
