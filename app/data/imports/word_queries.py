"""Queries for unknown words of a file that the user must explain, including names of people."""

import json
import re
from collections import Counter
from collections.abc import Hashable
from collections.abc import Mapping as Words
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from app.data.imports.cell_rules import CellProblem, as_text, clean
from app.data.imports.mapping_rules import Mapping, Only, importable, options_for
from app.data.imports.word_guess_rules import word_is_known
from app.data.imports.word_rules import FLAGS, LEAVE_EMPTY, TURN_AWAY
from app.db.context import current_context
from app.declarations.field import Choice
from app.declarations.importable import AskedOnce, Importable, People
from app.errors import LazyText
from app.models import Import
from app.security.actor import Actor
from app.storage import storage
from app.tables.file_rules import cached_for_minutes, open_table
from app.tables.table_rules import FileProblem, Glance, TableOptions

#: At most this many words of a column are shown to the user.
MAX_WORDS = 30
#: At most this many words of a column are counted.
MAX_COUNTED = 1_000
_MAX_WORD_LENGTH = 100
# A name with an extension: "Ann Lee (104)", "Ann Lee x104", "Ann Lee - 104", "104 - Ann Lee".
_WITH_EXTENSION = re.compile(
    r"(?:(?:x|ext\.?)?\s*[0-9]+\s*[-–:|]?\s*)?(?P<name>[^\W\d_](?:.*?[^\W\d_])?\.?)"
    r"(?:\s*\(.*\)|[\s,]*[-–#:]\s*[0-9]+|[\s,]+(?:x|ext\.?)?\s*[0-9]+)?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class UnknownWords:
    """Unknown words of a column, each with its number of rows, most frequent first.

    `values` are the possible meanings; `kind` is their enumeration, None for yes and no. `is_needed` is whether the
    field decides about the row: someone has to say what its words mean. `labels` are shown instead of words, and
    `options` answer the question in a command. For names of people these are not set:
    `people` maps email addresses to labels, and `meant` words to the email addresses of people with nearly the same
    name.
    """

    target: str
    column: str
    counts: Words[str, int]
    values: tuple[str, ...] = ()
    kind: type[StrEnum] | None = None
    is_needed: bool = False
    labels: Words[str, LazyText] = field(default_factory=dict)
    options: str = ""
    people: Words[str, str] = field(default_factory=dict)
    meant: Words[str, str] = field(default_factory=dict)

    def suggested(self, word: str) -> str:
        """Return the suggested meaning of a word: a person's email address or LEAVE_EMPTY.

        It is "" for a name without a suggestion, and for a word that decides about its row.
        """
        if self.people:
            return self.meant.get(word, "")
        return "" if self.is_needed else LEAVE_EMPTY


@dataclass(frozen=True, slots=True)
class OtherChannels:
    """The filter that leaves out rows of other channels, with the number of these rows by word, "" for no value."""

    only: Only
    counts: Words[str, int]


def unknown_words(
    path: Path, name: str, options: TableOptions, mapping: Mapping, most: int = MAX_WORDS, *, is_whole: bool = False
) -> list[UnknownWords]:
    """Return the unknown words in the first rows of a file, at most `most` a column; none if it cannot be read.

    With `is_whole`, all rows are read, which takes seconds for a large file.
    """
    declared, options = importable(mapping.kind), options_for(mapping.kind, options)
    missing = {word.casefold() for word in mapping.missing_words}
    found = []
    for column, target in mapping.columns.items():
        field = next((one for one in declared.fields if one.name == target), None)
        if target not in declared.flags and (field is None or not isinstance(field.kind, Choice)):
            continue
        counts = _words(path, name, options, column, is_whole=is_whole)
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
            shown = dict(list(strange.items())[:most])
            found.append(UnknownWords(target, column, shown, values, kind, is_needed))
    if (once := declared.once) and (rows := _count_open_rows(once, path, name, options, mapping)):
        found.append(_asked_once(declared, once, mapping, rows))
    return found


def _asked_once(declared: Importable, once: AskedOnce, mapping: Mapping, rows: int) -> UnknownWords:
    """Return the question about `rows` rows of the file."""
    kind = next(one.kind.kind for one in declared.fields if one.name == once.target and isinstance(one.kind, Choice))
    return UnknownWords(
        once.target,
        mapping.column_of(once.about) or "",
        {once.word: rows},
        once.values,
        kind,
        is_needed=True,
        labels={once.word: once.label},
        options=once.options,
    )


def _count_open_rows(once: AskedOnce, path: Path, name: str, options: TableOptions, mapping: Mapping) -> int:
    organization_id = current_context().organization_id
    context = once.context(organization_id) if organization_id else None
    return _open_rows(path, name, options, mapping.model_dump_json(), context)


@cached_for_minutes
def _open_rows(path: Path, name: str, options: TableOptions, mapping: str, context: Hashable) -> int:
    """Return the number of rows about which the kind of file asks its question.

    `mapping` is in JSON, and isn't validated: the form may have other errors, which mustn't hide the question.
    """
    read = Mapping.model_construct(**json.loads(mapping))
    once = importable(read.kind).once
    try:
        with open_table(path, options, name=name, glance=Glance()) as table:
            if once is None or not {*read.columns} <= {*table.header}:
                return 0
            is_meant = once.rows(read, table.header, context)
            return sum(map(is_meant, table.rows)) if is_meant else 0
    except FileProblem:
        return 0


def unknown_people(actor: Actor, row: Import, options: TableOptions, mapping: Mapping) -> list[UnknownWords]:
    """Return the names, numbers and extensions that match no user, and those that the mapping assigns.

    The result has one UnknownWords for the column, and is empty if there are none.
    """
    people = importable(mapping.kind).people
    column = mapping.column_of(people.target) if people else None
    if people is None or column is None:
        return []
    said = mapping.values.get(people.target, {})
    missing = {word.casefold() for word in mapping.missing_words}
    counts = {
        word: count
        for word, count in _words(
            storage().path(row.storage_key), row.file_name, options_for(mapping.kind, options), column
        ).items()
        if word.casefold() not in missing and len(word) <= _MAX_WORD_LENGTH
    }
    known = people.match(actor.organization_id, map(people.named, counts)).found
    unknown = [word for word in counts if word in said or people.named(word) not in known][:MAX_WORDS]
    if not unknown:
        return []
    choices = people.choices(actor)
    here = dict(choices.values())
    # A mapping may also assign a name, or a person who has left.
    others = {meant: meant for meant in said.values() if meant not in {*here, LEAVE_EMPTY, TURN_AWAY}}
    return [
        UnknownWords(
            people.target,
            column,
            {word: counts[word] for word in unknown},
            people={**here, **others},
            meant=_meant(people, actor, unknown),
        )
    ]


def _meant(people: People, actor: Actor, words: list[str]) -> dict[str, str]:
    """Return the email address of the person meant by each name, if that can be told.

    Extensions are ignored, and the last name can come first.
    """
    names = {word: _plainly(word) for word in words}
    found = people.match(actor.organization_id, names.values()).found
    addresses = people.choices(actor)
    people_of = ((word, found[name]) for word, name in names.items() if name in found)
    return {word: addresses[one][0] for word, one in people_of if one in addresses}


def _plainly(word: str) -> str:
    match = _WITH_EXTENSION.fullmatch(word)
    name = match["name"].strip() if match else word
    last, comma, first = name.partition(",")
    return f"{first.strip()} {last.strip()}" if comma else name


def counted_channels(path: Path, name: str, options: TableOptions, only: Only | None) -> OtherChannels | None:
    """Return the rows of other channels in the first rows of a file, which `only` would leave out, or None."""
    if only is None:
        return None
    words, is_kept = {word.casefold() for word in only.words}, only.keep
    counts = _cells(path, name, options, only.column)
    return OtherChannels(only, {word: count for word, count in counts.items() if (word.casefold() in words) != is_kept})


def _words(path: Path, name: str, options: TableOptions, column: str, *, is_whole: bool = False) -> Words[str, int]:
    return {word: count for word, count in _cells(path, name, options, column, is_whole).items() if word}


@cached_for_minutes
def _cells(path: Path, name: str, options: TableOptions, column: str, is_whole: bool = False) -> Words[str, int]:
    counts = Counter[str]()
    try:
        with open_table(path, options, name=name, glance=None if is_whole else Glance()) as table:
            if column not in table.header:
                return {}
            place = table.header.index(column)
            for row in table.rows:
                if row.is_totals:
                    continue
                if place < len(row.cells) and len(counts) < MAX_COUNTED:
                    cell = row.cells[place]
                    try:
                        counts["" if cell is None else clean(as_text(cell))] += 1
                    except CellProblem:
                        continue
    except FileProblem:
        return {}
    return dict(counts.most_common())
