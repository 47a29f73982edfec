"""docs/howto/add-a-resource.md puts things where it says. `test_all_documents.py` follows it."""

from tests.support.howto import HOWTO, blocks_of

DOCUMENT = HOWTO / "add-a-resource.md"
FOLDERS = ("app/work/vehicles/", "templates/work/vehicles/")
#: The model, who may what with its words, and the one place that knows all features.
APP = {
    "app/models/vehicles.py",
    "app/security/permissions.py",
    "app/security/matrix.py",
    "app/people/roles/words.py",
    "app/features.py",
}
#: What the tests and the demonstration ask of every resource.
BESIDE = {
    "pyproject.toml",
    "docs/references.md",
    "docs/privacy.md",
    "tests/support/factories.py",
    "tests/support/company.py",
    "tests/support/one_more.py",
    "tests/security/test_matrix.py",
    "demo/vehicles.py",
    "demo/rows/company.py",
    "demo/rows/__init__.py",
    "demo/generator.py",
    "demo/load.py",
}


def test_a_resource_is_one_folder_one_model_one_migration_and_its_rows() -> None:
    blocks = blocks_of(DOCUMENT)
    paths = {block.path for block in blocks}

    assert [path for path in paths if path.startswith("migrations/")] == ["migrations/versions/NNNN_vehicles.py"]
    assert {path for path in paths if path.startswith(("app/", "templates/")) and not path.startswith(FOLDERS)} == APP
    assert {path for path in paths if not path.startswith(("app/", "templates/", "migrations/"))} == BESIDE
    in_features = [line for block in blocks if block.path == "app/features.py" for line in block.added]
    assert in_features == ["from app.work.vehicles import feature as vehicles", "    vehicles.FEATURE,"]


def test_it_takes_as_many_lines_as_the_page_says() -> None:
    blocks = [block for block in blocks_of(DOCUMENT) if not block.path.startswith("migrations/")]
    in_app = [block for block in blocks if block.path.startswith(("app/", "templates/"))]
    lines, code = (sum(len(block.added) for block in some) for some in (blocks, in_app))

    assert f"Beside the migration it takes {lines} lines,\n{code} of them in the app" in DOCUMENT.read_text()
