"""docs/howto/add-a-resource.md is one page: a command, and what to change. `test_all_documents.py` follows it."""

from app.cli.new_resource import FILES
from tests.support.howto import HOWTO, blocks_of, commands_of

DOCUMENT = HOWTO / "add-a-resource.md"
MAX_LINES = 90


def test_it_is_one_page() -> None:
    assert len(DOCUMENT.read_text().splitlines()) <= MAX_LINES


def test_one_command_writes_the_files_and_the_page_changes_one_of_them() -> None:
    blocks = blocks_of(DOCUMENT)

    assert commands_of(DOCUMENT) == ["new resource vehicle --plural vehicles --area work"]
    assert {block.path for block in blocks} == {"app/work/vehicles/resource.py"}
    assert "app/$area/$names/resource.py" in FILES
    assert all(block.is_diff for block in blocks)
