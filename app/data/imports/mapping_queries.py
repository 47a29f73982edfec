"""Which mapping a file is read by: one that was saved, or the one that the file suggests."""

from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from app.data.imports.file_rules import kept_for_minutes, open_table
from app.data.imports.guess_rules import Guess, guess_mapping
from app.data.imports.mapping_rules import Mapping, importable, make_mapping
from app.data.imports.table_rules import Glance, TableOptions
from app.extensions import db
from app.models import ImportKind, ImportMapping, Organization
from app.security.scope import unscoped


def find_saved_mapping(organization_id: UUID, kind: ImportKind, name: str) -> Mapping | None:
    """The mapping saved under this name, capitals included."""
    wanted = unscoped(
        select(ImportMapping.mapping), why="a command names it, and is run by whoever runs the server"
    ).where(ImportMapping.organization_id == organization_id, ImportMapping.kind == kind, ImportMapping.name == name)
    found = db.session.scalar(wanted)
    return None if found is None else make_mapping(found)


def guess_for(
    organization_id: UUID, path: Path, name: str, kind: ImportKind, options: TableOptions | None = None
) -> Guess:
    """The mapping that the file suggests by its column names and first rows. Raises FileProblem.

    `name` is what its owner calls the file.
    """
    organization = db.session.get_one(Organization, organization_id)
    return _guess(path, name, kind, options, organization.country)


@kept_for_minutes
def _guess(path: Path, name: str, kind: ImportKind, options: TableOptions | None, country: str) -> Guess:
    with open_table(path, options, name=name, glance=Glance()) as table:
        return guess_mapping(importable(kind), table.header, table.rows, country=country)
