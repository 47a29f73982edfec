"""docs/howto/add-a-column.md takes as little as it says. `test_all_documents.py` follows it."""

from tests.support.howto import HOWTO, blocks_of

DOCUMENT = HOWTO / "add-a-column.md"
MAX_FILES, MAX_LINES = 8, 60


def test_a_column_takes_few_files_and_lines() -> None:
    code = [block for block in blocks_of(DOCUMENT) if not block.path.startswith("migrations/")]

    assert len({block.path for block in code}) <= MAX_FILES
    assert sum(len(block.added) for block in code) <= MAX_LINES
