"""Runs migrations as the owner: one at a time, a transaction each, never waiting long for a lock.

A migration that waits for a lock makes everybody behind it wait too; `lock_timeout` gives up instead, and the
operator runs it again at a quieter moment.
"""

import time
from typing import Any

from alembic import context
from sqlalchemy import Connection, create_engine, pool, text

from app.models import Base

ONE_MIGRATOR = 7_204_311  # any number, the same for all
LOCK_TIMEOUT = "3s"
#: What holds for all tables is settled anew after each step.
RULES = ("settle_rights()", "settle_context()")
WAIT_FOR_OTHER_MIGRATOR_SECONDS = 120


def ours(_object: object, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:
    """The job queue keeps its own schema, and the database its keys; drift is looked for in ours only."""
    others = ("procrastinate_", "idx_procrastinate", "context_keys")
    return not (kind in ("table", "index") and (name or "").startswith(others))


def finish_step(*_none: Any, **happened: Any) -> None:
    """Write the head where the app can read it, so that a health check can tell whether database and code fit, and have
    the rules hold for what is new.

    Alembic calls it by the names of its arguments, though it declares them by position.
    """
    ctx, heads = happened["ctx"], happened["heads"]
    if ctx.as_sql:
        return
    # What `support.once` has noted of this step.
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
    """Migrate the database that the `sqlalchemy.url` option names."""
    url = context.config.get_main_option("sqlalchemy.url")
    engine = create_engine(str(url), poolclass=pool.NullPool)
    with engine.connect() as connection:
        _become_only_migrator(connection)
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        # A build of an index may take long; the role's statement timeout is for requests.
        connection.execute(text("SET statement_timeout = 0"))
        connection.commit()  # configure() must find no open transaction, else migrations share it
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
    """Try in a loop rather than wait: a waiting statement holds a snapshot that blocks concurrent index builds."""
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
