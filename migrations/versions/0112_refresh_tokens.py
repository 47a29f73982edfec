"""Refresh tokens belong to a session of an API client, and end with it."""

from alembic import op

from migrations.support import audit, once

revision = "0112_refresh_tokens"
down_revision = "0109_rules_of_visits_and_reverts"
branch_labels = None
depends_on = None

description = "API clients sign in, and their refresh tokens end with their sessions"
breaking = False

_CONSTRAINTS = {
    "check_client_id": ("user_sessions", "CHECK (client_id ~ '^[!-~]{1,100}$')"),
    "fk_refresh_tokens_session_id": (
        "refresh_tokens",
        "FOREIGN KEY (organization_id, session_id) REFERENCES user_sessions (organization_id, id) ON DELETE CASCADE",
    ),
}
_INDEXES = {
    "idx_refresh_tokens_session": "INDEX idx_refresh_tokens_session ON refresh_tokens (organization_id, session_id)",
    "uq_refresh_tokens_unused": "UNIQUE INDEX uq_refresh_tokens_unused ON refresh_tokens (organization_id, session_id) "
    "WHERE used_at IS NULL AND revoked_at IS NULL",
}

# Sessions are ended in many places; none of them can forget the tokens that would open new ones.
END_REFRESH_TOKENS = """
CREATE FUNCTION end_refresh_tokens() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  UPDATE refresh_tokens SET revoked_at = NEW.revoked_at
  WHERE organization_id = NEW.organization_id AND session_id = NEW.id AND revoked_at IS NULL;
  RETURN NULL;
END
$$
"""


def upgrade() -> None:
    once(revision, _at_once)
    # Outside a transaction, so that people can keep signing in.
    with op.get_context().autocommit_block():
        for name, (table, _rule) in _CONSTRAINTS.items():
            op.execute(f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def downgrade() -> None:
    op.execute("DROP TRIGGER end_refresh_tokens ON user_sessions")
    op.execute("-- squawk-ignore ban-drop-function\nDROP FUNCTION end_refresh_tokens()")
    for name in _INDEXES:
        op.execute(f"-- squawk-ignore require-concurrent-index-deletion\nDROP INDEX {name}")
    for name, (table, _rule) in _CONSTRAINTS.items():
        op.drop_constraint(name, table)
    op.drop_column("refresh_tokens", "session_id")
    audit("refresh_tokens", "refresh_token", redacted=("token_hash",))


def _at_once() -> None:
    # No release has issued one, and one without a session would be useless.
    op.execute("DELETE FROM refresh_tokens")
    op.execute("-- squawk-ignore adding-required-field\nALTER TABLE refresh_tokens ADD COLUMN session_id uuid NOT NULL")
    for name, (table, rule) in _CONSTRAINTS.items():
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {rule} NOT VALID")
    for index in _INDEXES.values():
        op.execute(f"-- squawk-ignore require-concurrent-index-creation\nCREATE {index}")  # the table is empty
    # A refresh is an entry of its session.
    op.execute("DROP TRIGGER audit ON refresh_tokens")
    op.execute(END_REFRESH_TOKENS)
    op.execute(
        "CREATE TRIGGER end_refresh_tokens AFTER UPDATE OF revoked_at ON user_sessions FOR EACH ROW "
        "WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL AND NEW.client_id IS NOT NULL) "
        "EXECUTE FUNCTION end_refresh_tokens()"
    )
