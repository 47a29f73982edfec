"""Sealing of the audit trail while other tests run.

A writing transaction in any database of the server delays it.
"""

import time

from sqlalchemy import Engine, text

WAIT_SECONDS = 60

_ELSEWHERE = text("""
    SELECT pid, backend_xid::text FROM pg_stat_activity
    WHERE datname <> current_database() AND backend_xid IS NOT NULL
""")


def wait_for_other_databases(admin_engine: Engine) -> None:
    """Wait until the transactions that are now writing in other databases of the server have ended.

    Their transaction IDs can be lower than those of this database's rows, which are sealed or sent only once all lower
    ones have ended. Fails after `WAIT_SECONDS`.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    with admin_engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        pending = {tuple(row) for row in connection.execute(_ELSEWHERE)}
        while pending:
            assert time.monotonic() < deadline, f"still writing in another database: {pending}"
            time.sleep(0.02)
            pending &= {tuple(row) for row in connection.execute(_ELSEWHERE)}
