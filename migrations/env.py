"""Migrations run as the owner: one at a time, each in a transaction, never waiting long for a lock.

A migration waiting for a lock makes everything behind it wait, too; with `lock_timeout` it gives up instead, and the
operator runs it again at a quieter time.
"""

import time
from typing import Any

from alembic import context
from sqlalchemy import Connection, create_engine, pool, text

from app.models import Base

ONE_MIGRATOR = 7_204_311  # arbitrary key of the advisory lock that all migrators share
LOCK_TIMEOUT = "3s"
#: Rules for all tables, applied again after each step.
RULES = ("settle_rights()", "settle_context()")
WAIT_FOR_OTHER_MIGRATOR_SECONDS = 120


def ours(_object: object, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:
    """Return whether Alembic should compare an object with the models.

    The job queue brings its own schema, and the context keys aren't modeled.
    """
    others = ("procrastinate_", "idx_procrastinate", "context_keys")
    return not (kind in ("table", "index") and (name or "").startswith(others))


def finish_step(*_none: Any, **happened: Any) -> None:
    """Store the current revision for the health check, and apply the rules to new tables.

    Alembic passes the arguments by name, though it declares them as positional.
    """
    ctx, heads = happened["ctx"], happened["heads"]
    if ctx.as_sql:
        return
    # Clear the note that `support.once` left in this step.
    ctx.connection.execute(text("COMMENT ON TABLE alembic_version IS NULL"))
    if ctx.connection.scalar(text("SELECT to_regclass('system_settings')")):
        ctx.connection.execute(
            text("UPDATE system_settings SET schema_version = :head"), {"head": next(iter(heads), "")}
        )
    for rule in RULES:
        if ctx.connection.scalar(text("SELECT to_regprocedure(:rule)"), {"rule": rule}):
            ctx.connection.execute(text(f"SELECT {rule}"))


def run_offline() -> None:
    """Print the SQL, for linting and for operators who run it by hand."""
    context.configure(dialect_name="postgresql", target_metadata=Base.metadata, literal_binds=True)
    with context.begin_transaction():
        context.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
        context.execute("SET statement_timeout = 0")
        context.run_migrations()
        if context.get_revision_argument():
            for rule in RULES:
                context.execute(f"SELECT {rule}")


def run_online() -> None:
    """Migrate the database in the `sqlalchemy.url` option."""
    url = context.config.get_main_option("sqlalchemy.url")
    engine = create_engine(str(url), poolclass=pool.NullPool)
    with engine.connect() as connection:
        _become_only_migrator(connection)
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        # Building an index can take long; the role's statement timeout is meant for requests.
        connection.execute(text("SET statement_timeout = 0"))
        connection.commit()  # otherwise configure() finds an open transaction, and all migrations share it
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            transaction_per_migration=True,
            include_object=ours,
            on_version_apply=finish_step,
        )
        with context.begin_transaction():
            context.run_migrations()


def _become_only_migrator(connection: Connection) -> None:
    """Acquire the lock for migrations by polling.

    Raises SystemExit if another migration holds it for too long. A statement that waits for the lock would hold a
    snapshot that blocks concurrent index builds.
    """
    deadline = time.monotonic() + WAIT_FOR_OTHER_MIGRATOR_SECONDS
    while not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": ONE_MIGRATOR}):
        connection.rollback()
        if time.monotonic() > deadline:
            raise SystemExit("Another migration is still running. Wait for it to end, then run this again.")
        time.sleep(0.5)


if context.is_offline_mode():
    run_offline()
else:
    run_online()
