"""Cost per call of an index that exists only for its name, for `make bench`.

No page uses the index, but others rely on its name (decision 66). Calls of the bench are inserted into a similar table,
with the index and without, in turn. The table has no triggers, references or other indexes, because their work varies
between runs by more than the cost of one index.
"""

from dataclasses import dataclass
from statistics import median

import psycopg

from bench.servers import worked

INDEX = "idx_calls_handled_by"
ROWS = 100_000
ROUNDS = 7

_COLUMNS = """
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
    WHERE attrelid = 'calls'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
"""


@dataclass(frozen=True, slots=True)
class Price:
    """CPU microseconds of the database per inserted row, with and without the index.

    Both are medians of the rounds.
    """

    rows: int
    without: float
    with_index: float

    def __str__(self) -> str:
        paid = self.with_index - self.without
        return (
            f"{INDEX}: {paid:.2f} µs a row; {self.rows:,} rows are stored in {self.without:.2f} µs each without it, "
            f"in {self.with_index:.2f} with it"
        )


def measure(admin_url: str) -> Price:
    """Measure the insertion of calls with and without the index; the table is dropped at the end."""
    with psycopg.connect(admin_url, autocommit=True) as admin:
        [(definition, columns)] = admin.execute(
            f"SELECT pg_get_indexdef('{INDEX}'::regclass), ({_COLUMNS})".encode()
        ).fetchall()
        of_beside = definition.replace(" ON public.calls ", " ON calls_beside ").replace(f" {INDEX} ", " beside ")
        rows, costs = 0, (list[float](), list[float]())
        try:
            for _round in range(ROUNDS):
                for indexes, found in zip(([], [of_beside]), costs, strict=True):
                    rows, milliseconds = _stored(admin, columns, indexes)
                    found.append(milliseconds * 1000 / rows)
        finally:
            admin.execute("DROP TABLE IF EXISTS calls_beside")
    return Price(rows, *map(median, costs))


def _stored(admin: psycopg.Connection, columns: str, indexes: list[str]) -> tuple[int, float]:
    """Insert calls into a new table, and return their number and the backend's CPU milliseconds."""
    admin.execute("DROP TABLE IF EXISTS calls_beside")
    admin.execute("CREATE TABLE calls_beside (LIKE calls INCLUDING GENERATED)")
    for index in indexes:
        admin.execute(index.encode())
    process = admin.info.backend_pid
    before = worked(process)
    stored = admin.execute(
        f"INSERT INTO calls_beside ({columns}) SELECT {columns} FROM calls ORDER BY id LIMIT {ROWS}".encode()
    ).rowcount
    return stored, worked(process) - before
