"""Words of a file that none of ours is, and that somebody has to explain."""

from collections import Counter
from collections.abc import Mapping as Words
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from app.data.imports.cell_rules import CellProblem, as_text, clean
from app.data.imports.file_rules import kept_for_minutes, open_table
from app.data.imports.guess_rules import word_is_known
from app.data.imports.mapping_rules import Mapping, importable, options_for
from app.data.imports.table_rules import FileProblem, Glance, TableOptions
from app.data.imports.word_rules import FLAGS
from app.declarations.field import Choice
from app.models import Import
from app.storage import storage

#: More different words than that are no words for a few values.
MOST_WORDS = 30
_MOST_COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class StrangeWords:
    """What a column says that is none of the values of its target: each word with its rows, the most frequent first.

    `values` are what a word can mean; `kind` is their enumeration, None for yes and no. `is_needed` says that no row
    can be without the field.
    """

    target: str
    column: str
    counts: Words[str, int]
    values: tuple[str, ...]
    kind: type[StrEnum] | None
    is_needed: bool


def strange_words(row: Import, options: TableOptions, mapping: Mapping) -> list[StrangeWords]:
    """Of the beginning of an import's file, as far as a page looks; none where it cannot be read."""
    declared, options = importable(mapping.kind), options_for(mapping.kind, options)
    missing = {word.casefold() for word in mapping.missing_words}
    found = []
    for column, target in mapping.columns.items():
        field = next((one for one in declared.fields if one.name == target), None)
        if target not in declared.flags and (field is None or not isinstance(field.kind, Choice)):
            continue
        counts = _words(storage().path(row.storage_key), row.file_name, options, column)
        if field is not None and field.imported and isinstance(field.kind, Choice):
            strange = {word: count for word, count in counts.items() if not word_is_known(field, word)}
            values = tuple(str(value) for value in field.imported.values or field.kind.kind)
            kind: type[StrEnum] | None = field.kind.kind
            is_needed = field.imported.is_needed or field.imported.usual is not None
        else:
            known = {word.casefold() for word in (*mapping.yes_words, *mapping.no_words, "true", "false")}
            strange = {word: count for word, count in counts.items() if word.casefold() not in known}
            values, kind, is_needed = tuple(FLAGS), None, target in declared.needed
        strange = {word: count for word, count in strange.items() if word.casefold() not in missing}
        if strange:
            shown = dict(list(strange.items())[:MOST_WORDS])
            found.append(StrangeWords(target, column, shown, values, kind, is_needed))
    return found


@kept_for_minutes
def _words(path: Path, name: str, options: TableOptions, column: str) -> Words[str, int]:
    counts = Counter[str]()
    try:
        with open_table(path, options, name=name, glance=Glance()) as table:
            if column not in table.header:
                return {}
            place = table.header.index(column)
            for row in table.rows:
                if row.is_totals:
                    continue
                if place < len(row.cells) and (cell := row.cells[place]) is not None and len(counts) < _MOST_COUNTED:
                    try:
                        counts[clean(as_text(cell))] += 1
                    except CellProblem:
                        continue
    except FileProblem:
        return {}
    counts.pop("", None)
    return dict(counts.most_common())
