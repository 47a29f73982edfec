"""Consistency checks of declarations: the app does not start if one would have no effect.

Each error message states what to do.
"""

from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import Table

from app.declarations.field import Choice, Person
from app.declarations.importable import Importable
from app.declarations.listed import Listed
from app.declarations.personal import Personal
from app.declarations.resource import Resource
from app.declarations.revertible import Revertible
from app.models import holds


def refuse_inconsistent(resources: Iterable[Resource], imports: Mapping[str, Importable]) -> None:
    """Raise ValueError for declarations that would have no effect, with all of them by name.

    These are: imported fields that are not staged, that no file contains, or that have the name of another target;
    filters of a list that have neither a picker nor a link; pickers and links without a filter; pickers without
    options; and revertible fields, or their bounds, that are not columns.
    """
    resources = tuple(resources)
    wrong = [
        *_not_staged(imports),
        *_not_given(resources, imports),
        *_not_offered(resources),
        *_no_columns(resources),
    ]
    if wrong:
        raise ValueError("\n".join(wrong))


def refuse_unclassified(tables: Iterable[Table], personal: Iterable[Personal]) -> None:
    """Raise ValueError for columns whose classification as personal data is missing or wrong.

    A classification in the model is wrong if it does not agree with what is erased.
    """
    tables = tuple(tables)
    wrong = [*_silent(tables), *_erased_otherwise(tables, personal)]
    if wrong:
        raise ValueError("\n".join(wrong))


def _silent(tables: Iterable[Table]) -> Iterator[str]:
    for column in holds.silent_columns(tables):
        yield (
            f"{column} does not say what it holds about people. In its model, give it mapped_column(info=holds.…): "
            "PERSONAL, MENTIONS, STAFF, SECRET, TRAIL or NOBODY (app/models/holds.py says which)."
        )


def _erased_otherwise(tables: Iterable[Table], personal: Iterable[Personal]) -> Iterator[str]:
    erased = {(place.table, name) for place in personal for name in place.columns}
    for table in tables:
        for name in holds.columns_with(table, holds.PERSONAL):
            if (table.name, name) not in erased:
                yield (
                    f"{table.name}.{name} is holds.PERSONAL, and nothing erases it. Say in the privacy.py of its "
                    "feature what becomes of it, or give it another word."
                )
        erasable = holds.columns_with(table, holds.PERSONAL, holds.MENTIONS, holds.SECRET)
        for name in sorted(name for place, name in erased if place == table.name and name not in erasable):
            yield (
                f"{table.name}.{name} is erased by a privacy.py, and its model says otherwise. Give it "
                "mapped_column(info=holds.PERSONAL) in the model, or leave it out of the privacy.py."
            )


def _not_staged(imports: Mapping[str, Importable]) -> Iterator[str]:
    for kind, importable in imports.items():
        staged = importable.records.table
        for field in importable.fields:
            if not {field.name, field.attribute, *field.recorded_columns} & {*staged.columns}:
                yield (
                    f"imports of {kind}: the field {field.name} is imported, and {staged.name} has no such column. "
                    "Stage it there, or leave `imported` out."
                )


def _not_given(resources: Iterable[Resource], imports: Mapping[str, Importable]) -> Iterator[str]:
    given = {field for importable in imports.values() for field in importable.fields}
    for resource in resources:
        for field in resource.imported:
            if field not in given:
                yield f"{resource.name}: the field {field.name} is imported, and no kind of files gives it."
    for kind, importable in imports.items():
        for field in importable.fields:
            if field.name in importable.own:
                yield f"imports of {kind}: the field {field.name} is called like a target of its own. Rename it."


def _not_offered(resources: Iterable[Resource]) -> Iterator[str]:
    for resource in resources:
        listed = resource.listed
        if listed is None:
            continue
        offered = {*listed.pickers, *listed.linked}
        for name in listed.chosen:
            if name not in offered:
                yield f"{resource.name}: no picker asks for the filter {name}. Add it to `pickers` or to `linked`."
        for name in sorted(offered - {*listed.chosen}):
            yield f"{resource.name}: there is no filter {name} to pick or to link to."
        yield from _not_drawn(resource, listed)


def _not_drawn(resource: Resource, listed: Listed) -> Iterator[str]:
    for name in listed.pickers:
        if name in listed.chosen and not _draws_itself(resource, listed, name):
            yield (
                f"{resource.name}: nothing says what the picker {name} offers. Make the field {name} a Choice or a "
                "Person, or add the filter to `offered` or to `own_pickers`."
            )
    for name in sorted({*listed.own_pickers, *listed.also_offered} - {*listed.pickers}):
        yield f"{resource.name}: the bar has no picker {name}."


def _draws_itself(resource: Resource, listed: Listed, name: str) -> bool:
    is_overridden = name in listed.own_pickers or name in listed.offered
    is_by_kind = isinstance(resource.kind_of(name), Choice | Person)
    return is_overridden or is_by_kind or listed.is_yes_or_no(name) or listed.longest(name) > 0


def _no_columns(resources: Iterable[Resource]) -> Iterator[str]:
    for resource in resources:
        if isinstance(resource.revert, Revertible):
            columns = resource.model.__table__.columns.keys()
            for name in sorted({*resource.revert.fields, *resource.revert.accompanying} - {*columns}):
                yield f"{resource.name}: the field {name} is to be set back, and is no column of its table."
            for kind in resource.revert.inputs:
                for name in sorted({*kind.columns()} - {*columns}):
                    yield f"{resource.name}: {kind.__name__} bounds {name}, which is no column of its table."
