"""Size of the change in docs/howto/add-a-column.md. `test_all_documents.py` follows the document."""

import pytest

from tests.support.howto import HOWTO, Block, blocks_of

DOCUMENT = HOWTO / "add-a-column.md"
#: Limits for one resource; deals become leads, and need nothing more.
MAX_FILES, MAX_LINES = 7, 40
SHARED = ("app/models/contacts.py", "app/web/value_words.py")


def code_of(resource: str) -> list[Block]:
    """Return the blocks that one resource needs, including the shared ones but not the demonstration's."""
    others = {"calls", "leads", "appointments", "contacts"} - {resource}
    return [
        block
        for block in blocks_of(DOCUMENT)
        if block.path in SHARED or not (block.path.startswith("demo/") or any(other in block.path for other in others))
    ]


@pytest.mark.parametrize("resource", ["calls", "leads", "appointments", "contacts"])
def test_a_column_takes_few_files_and_lines(resource: str) -> None:
    code = code_of(resource)

    assert any("resource.py" in block.path for block in code)
    assert any("migrations" in block.path for block in code)
    assert len({block.path for block in code}) <= MAX_FILES
    assert sum(len(block.added) for block in code if "migrations" not in block.path) <= MAX_LINES
