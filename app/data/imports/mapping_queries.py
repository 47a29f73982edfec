"""Queries for the mapping of a file: a saved one, or a guess from the file."""

import re
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Fields
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.data.imports.guess_rules import Guess, guess_mapping, own_number_notices
from app.data.imports.latest_queries import latest_imports
from app.data.imports.mapping_rules import Mapping, importable, make_mapping, options_for
from app.data.imports.overlap_rules import MAX_SOURCE_LENGTH, header_hash, new_source
from app.data.imports.written_rules import Place, Written, guess_written
from app.errors import ValidationFailed
from app.extensions import db
from app.models import Import, ImportKind, ImportMapping, Organization
from app.security.scope import unscoped
from app.tables.file_rules import cached_for_minutes, open_table, read_first_rows
from app.tables.table_rules import FileProblem, Glance, TableOptions

#: Each is another reading of the whole file.
_MOST_EARLIER = 3
_ID = "external_id"
_NO_NAME = re.compile(r"[\W\d_]+")


def find_saved_mapping(organization_id: UUID, kind: ImportKind, name: str) -> Mapping | None:
    """Return the mapping saved under this name, which is case-sensitive, or None."""
    wanted = unscoped(
        select(ImportMapping.mapping), why="used by a command, which runs without a signed-in user"
    ).where(ImportMapping.organization_id == organization_id, ImportMapping.kind == kind, ImportMapping.name == name)
    found = db.session.scalar(wanted)
    return None if found is None else make_mapping(found)


def default_source(organization_id: UUID, path: Path, name: str, mapping: Mapping) -> str:
    """Return the name of the system that a file probably comes from.

    This is the source of the last completed import of a file with the same header, or else of one that mapped the same
    columns, or else the file name without digits. It keeps the ids of different systems apart.
    """
    header = read_first_rows(path, options_for(mapping.kind, mapping.table_options), name).header
    return _source_of(_latest_alike(organization_id, mapping.kind, mapping.columns, header), mapping.kind, name)


def earlier_mappings(row: Import, mapping: Mapping) -> list[Mapping]:
    """Return other mappings with which rows of this source may have been imported before, the latest first.

    Rows without an id column are known by an id made of their content, which depends on the mapping. The result is
    empty if the ids of all these mappings come from the file.
    """
    latest = latest_imports(row.organization_id, ImportKind(row.kind), Import.mapping)
    of_source = latest.where(Import.mapping["source"].astext == mapping.source)
    found = list[Mapping]()
    for one in filter(None, map(_readable, db.session.scalars(of_source))):
        has_ids = _ID in one.given and _ID in mapping.given
        if not has_ids and _reading(one) not in map(_reading, [mapping, *found]):
            found.append(one)
    return found[:_MOST_EARLIER]


def _readable(fields: Fields[str, Any]) -> Mapping | None:
    """Return the mapping of an earlier import, or None if this release can’t read it."""
    try:
        return make_mapping(fields)
    except ValidationFailed:
        return None


def _reading(mapping: Mapping) -> Mapping:
    """Return the mapping without the settings that don't change the content of a row."""
    return mapping.model_copy(update={"overwrite": "all", "only": (), "strict": False, "encoding": None})


def proposed_source(row: Import) -> str:
    """Return a name for the system of an import's file that no import of the organization has used."""
    sources = select(Import.mapping["source"].astext.label("source")).where(Import.kind == row.kind).distinct()
    used = unscoped(sources, why="a new name must differ from those of all users").where(
        Import.organization_id == row.organization_id, Import.mapping.has_key("source")
    )
    names = (_name_of_file(row.file_name) or row.kind, row.kind)
    return new_source(names, db.session.scalars(used).all())


def _latest_alike(
    organization_id: UUID, kind: ImportKind, columns: Iterable[str], header: Sequence[str]
) -> Fields[str, Any]:
    """Return the mapping of the last completed import of a file with the same header, or with the same mapped columns.

    It is empty if there is none.
    """
    is_same_header = func.coalesce(Import.header_hash == header_hash(header), False)
    found = db.session.execute(
        latest_imports(organization_id, kind, Import.mapping, is_same_header, first=is_same_header)
    ).all()
    same = {*columns}
    alike = (mapping for mapping, is_same in found if is_same or same == {*mapping.get("columns", {})})
    return next((mapping for mapping in alike if mapping.get("source")), {})


def _source_of(alike: Fields[str, Any], kind: ImportKind, name: str) -> str:
    return str(alike["source"]) if alike else _name_of_file(name) or kind


def _name_of_file(name: str) -> str:
    return _NO_NAME.sub(" ", Path(name).stem).strip()[:MAX_SOURCE_LENGTH].strip().casefold()


def guess_for(
    organization_id: UUID, path: Path, name: str, kind: ImportKind, options: TableOptions | None = None
) -> Guess:
    """Guess a mapping from the column names and first rows of a file.

    Its source system, its words for people, what it lacks and its answer to the question of its kind are those of the
    last import of a similar file. `name` is the file's original name. Raises FileProblem.
    """
    guess = _guess(
        path, name, kind, options_for(kind, options), _place(organization_id), _registered(organization_id, kind)
    )
    own = _without_contacts(organization_id, kind, guess.mapping.own_numbers)
    header = (*guess.mapping.columns, *guess.unmapped)
    alike = _latest_alike(organization_id, kind, guess.mapping.columns, header)
    values = {**guess.mapping.values, **_people_told(organization_id, kind, alike), **_told_once(kind, alike)}
    settings = {
        "source": _source_of(alike, kind, name),
        "values": values,
        "lacks": tuple(alike.get("lacks", ())),
        "own_numbers": own,
    }
    notices = (*guess.notices, *own_number_notices(own))
    return replace(guess, mapping=guess.mapping.model_copy(update=settings), notices=notices)


def _registered(organization_id: UUID, kind: ImportKind) -> frozenset[str]:
    """Return the organization's own numbers that are known here, if files of this kind have the ends of calls."""
    ends = importable(kind).ends
    return ends.registered(organization_id) if ends else frozenset()


def _without_contacts(organization_id: UUID, kind: ImportKind, numbers: Sequence[str]) -> tuple[str, ...]:
    """Return those of the numbers that no contact of the organization has."""
    ends = importable(kind).ends
    if ends is None or not numbers:
        return ()
    of_contacts = ends.of_contacts(organization_id, numbers)
    return tuple(number for number in numbers if number not in of_contacts)


def _people_told(organization_id: UUID, kind: ImportKind, alike: Fields[str, Any]) -> dict[str, dict[str, str]]:
    """Return the words for people that an earlier mapping explains by someone who is still here."""
    people = importable(kind).people
    told: dict[str, str] = alike.get("values", {}).get(people.target, {}) if people else {}
    if people is None or not told:
        return {}
    here = people.match(organization_id, told.values()).found
    kept = {word: one for word, one in told.items() if one in here}
    return {people.target: kept} if kept else {}


def _told_once(kind: ImportKind, alike: Fields[str, Any]) -> dict[str, dict[str, str]]:
    """Return the answer of an earlier mapping to the question that is asked once."""
    once = importable(kind).once
    told = alike.get("values", {}).get(once.target, {}).get(once.word) if once else None
    return {once.target: {once.word: told}} if once and told else {}


def written_formats(organization_id: UUID, path: Path, name: str, mapping: Mapping, options: TableOptions) -> Written:
    """Guess how dates, numbers and durations are written in a mapping's columns.

    The result has the default formats if the mapping has no such columns or the file cannot be read.
    """
    declared = importable(mapping.kind)
    wanted = {*declared.numbers, *declared.durations, *(declared.dates.all if declared.dates else ())}
    wanted |= {declared.dates.time} if declared.dates else set()
    columns = tuple((name, field) for name, field in mapping.columns.items() if field in wanted)
    place = _place(organization_id)
    return _written_formats(path, name, mapping.kind, options_for(mapping.kind, options), place, columns)


def _place(organization_id: UUID) -> Place:
    organization = db.session.get_one(Organization, organization_id)
    return Place(organization.country, organization.currency)


@cached_for_minutes
def _written_formats(
    path: Path,
    name: str,
    kind: ImportKind,
    options: TableOptions,
    place: Place,
    columns: tuple[tuple[str, str], ...],
) -> Written:
    try:
        with open_table(path, options, name=name, glance=Glance()) as table:
            here = {column: field for column, field in columns if column in table.header}
            rows = (row for row in table.rows if not row.is_totals)
            return guess_written(importable(kind), table.header, rows, here, place)
    except FileProblem:
        return Written()


def what_it_suggests(
    organization_id: UUID, path: Path, name: str, kind: ImportKind, options: TableOptions
) -> Guess | None:
    """Guess a mapping like `guess_for`, but without the source; return None if the file can't be read."""
    try:
        place, registered = _place(organization_id), _registered(organization_id, kind)
        return _guess(path, name, kind, options_for(kind, options), place, registered)
    except FileProblem:
        return None


@cached_for_minutes
def _guess(
    path: Path, name: str, kind: ImportKind, options: TableOptions, place: Place, registered: frozenset[str]
) -> Guess:
    with open_table(path, options, name=name, glance=Glance()) as table:
        return guess_mapping(
            importable(kind),
            table.header,
            (row for row in table.rows if not row.is_totals),
            country=place.country,
            currency=place.currency,
            parts=table.parts,
            registered=registered,
        )
