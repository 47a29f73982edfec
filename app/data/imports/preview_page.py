"""Content of the preview page: what importing the whole file would do."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from markupsafe import Markup

from app.data.imports.forms import SourceForm
from app.data.imports.mapping_queries import proposed_source
from app.data.imports.overlap_rules import Doubt
from app.data.imports.whole_file_rules import Change, ChangedField, WholeFile, open_question
from app.declarations.field import Choice, Duration, Field, Moment, Money, Number
from app.declarations.importable import Importable
from app.declarations.registry import registry
from app.errors import LazyText
from app.lists.cells import drawer
from app.models import Import


class ChangeShown(NamedTuple):
    """A field that the file would change in a record, formatted for display."""

    line: int
    field: LazyText
    before: Markup | str
    after: Markup | str


class FieldShown(NamedTuple):
    """A field that changes in a number of `records`, with the values of the first, formatted for display."""

    records: int
    field: LazyText
    before: Markup | str
    after: Markup | str


def whole_file(row: Import) -> WholeFile | None:
    """Return what importing the whole file would do, or None if it isn't known yet."""
    return None if row.preview is None else WholeFile.model_validate(row.preview)


def form_for_source(row: Import) -> SourceForm | None:
    """Return the form that answers the preview's question about the source of the file, without an answer."""
    question = open_question(row.preview)
    if question is None:
        return None
    source = proposed_source(row) if question.doubt is Doubt.OTHER_RECORDS else question.source
    form = SourceForm(formdata=None, seen=row.updated_at.isoformat(), source=source)
    form.asks(question)
    return form


def shown_changes(whole: WholeFile | None, kind: Importable) -> list[ChangeShown]:
    """Return the changes of fields that have a label; derived columns have none."""
    return [
        ChangeShown(change.line, field.label, _value(field, change.before), _value(field, change.after))
        for change in (whole.changes if whole else ())
        for field in _field_of(change, kind)
    ]


def shown_fields(whole: WholeFile | None, kind: Importable) -> list[FieldShown]:
    """Return the fields that change, with their numbers of records."""
    return [
        FieldShown(change.records, field.label, _value(field, change.before), _value(field, change.after))
        for change in (whole.changed_fields if whole else ())
        for field in _field_of(change, kind)
    ]


def declared_cells(fields: Iterable[Field], row: Any, omitted: Collection[str] = ()) -> list[tuple[LazyText, str, str]]:
    """Return the label, the value and the class of the cell of each of the `fields` that isn't `omitted`."""
    columns = (field for field in fields if field.name not in omitted)
    return [(field.label, drawer(field.kind)(row.fields[field.name]), "p3") for field in columns]


def _field_of(change: Change | ChangedField, kind: Importable) -> Iterator[Field]:
    """Yield the field of a changed column, if one has a label for it.

    A column that is part of a field, such as the last name, has the label with which a file's column is mapped to it.
    """
    fields = [
        field for field in registry().resources[change.resource].fields if change.column in field.recorded_columns
    ]
    part = kind.own.get(change.column)
    yield from fields[:1] or ([Field(change.column, part.label)] if part else [])


def _value(field: Field, text: str | None) -> Markup | str:
    """Return a value formatted as in lists; one that the field's kind cannot read is returned as is."""
    value: Any = text
    try:
        if text is not None and isinstance(field.kind, Moment):
            value = datetime.fromisoformat(text)
        elif text is not None and isinstance(field.kind, Duration | Number | Money):
            value = float(text) if isinstance(field.kind, Money) else int(text)
        elif isinstance(field.kind, Choice) and text not in {None, *map(str, field.kind.kind)}:
            return text or ""
    except ValueError:
        return text or ""
    return drawer(field.kind)(value)
