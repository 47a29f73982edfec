"""Choice of the sheet of a workbook to read."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from app.data.imports.latest_queries import latest_imports
from app.data.imports.mapping_rules import importable, options_for
from app.data.imports.name_rules import match_names
from app.extensions import db
from app.models import Import, ImportKind
from app.tables.file_rules import cached_for_minutes, open_table
from app.tables.table_rules import FileProblem, Glance, TableOptions

#: At most this many sheets of a workbook are compared.
_COMPARED = 12

#: Names of the columns of earlier files, or of a saved mapping.
Known = frozenset[frozenset[str]]


def sheet_to_read(
    organization_id: UUID,
    path: Path,
    name: str,
    kind: ImportKind,
    options: TableOptions,
    columns: Collection[str] = (),
) -> str | None:
    """Return the sheet of a workbook whose header is known best; None for any other file, and for a single sheet.

    Known best is a header with all of `columns` (those of a mapping) or those of an earlier import, or else the one
    with the most columns that match by name and no gaps. The first of equals is taken. A sheet of `options` is kept if
    the workbook has it.
    """
    known = frozenset({frozenset(columns)}) if columns else _columns_of_earlier(organization_id, kind)
    return _best_sheet(path, name, kind, options_for(kind, options), known)


def _columns_of_earlier(organization_id: UUID, kind: ImportKind) -> Known:
    """Return the columns that each of the last completed imports mapped."""
    mappings = db.session.scalars(latest_imports(organization_id, kind, Import.mapping))
    return frozenset(columns for one in mappings if (columns := frozenset(one.get("columns", {}))))


@cached_for_minutes
def _best_sheet(path: Path, name: str, kind: ImportKind, options: TableOptions, known: Known) -> str | None:
    glance, first = Glance(), replace(options, sheet=None)
    try:
        with open_table(path, first, name=name, glance=Glance()) as table:
            names, opened = table.visible, table.options.sheet
    except FileProblem as problem:
        names, opened = problem.visible, None
    if options.sheet in names or len(names) < 2:
        return options.sheet if options.sheet in names else None
    ranks: dict[str, tuple[bool, bool, int]] = {}
    for one in names[:_COMPARED]:
        try:
            with open_table(path, replace(options, sheet=one), name=name, glance=glance) as table:
                ranks[one] = _rank(table.header, kind, known)
        except FileProblem:
            continue
    return max(ranks, key=ranks.__getitem__) if ranks else opened


def _rank(header: Collection[str], kind: ImportKind, known: Known) -> tuple[bool, bool, int]:
    declared = importable(kind)
    matched = match_names(declared.targets, [*header], declared.left_out).columns
    has_no_gaps = not declared.gaps(frozenset(matched.values()))
    return any(columns <= {*header} for columns in known), has_no_gaps, len(matched)
