"""Matching columns by the words in them: choices, misnamed columns, opposites and other channels."""

from collections.abc import Mapping as Fields
from collections.abc import Sequence

from flask_babel import lazy_gettext as _l

from app.data.imports.cell_rules import CellProblem, Value
from app.data.imports.date_guess_rules import fits
from app.data.imports.mapping_rules import NO_WORDS, YES_WORDS, Only
from app.data.imports.name_rules import last_part, names_of, plain_name, plain_words
from app.data.imports.sample_rules import Sample
from app.data.imports.word_rules import choice_parser, flag_parser
from app.declarations.field import Choice, Field
from app.declarations.importable import Importable, LeftOut
from app.errors import LazyText

_FLAG = flag_parser(YES_WORDS, NO_WORDS)
_CODES = LeftOut(_l("Most values have no letters, so they are codes, not names. The column is skipped."))


def _choices(importable: Importable) -> dict[str, Field]:
    return {one.name: one for one in importable.fields if one.imported and isinstance(one.kind, Choice)}


def word_is_known(field: Field, word: str) -> bool:
    """Return whether a word stands for a value of a choice field, so that the user need not explain it."""
    if field.imported is None or not isinstance(field.kind, Choice):
        return False
    return fits(choice_parser(field.imported.values or field.kind.kind, field.imported.words), word)


def left_out_by_words(importable: Importable, header: Sequence[str], sample: Sample) -> dict[str, LeftOut]:
    """Return the known columns whose words show that they correspond to no field."""
    found = {}
    for column in header:
        known = next((importable.left_out[name] for name in names_of(column) if name in importable.left_out), None)
        values = sample.values(column)
        if known is None or not known.words or not (values or known.even_if_empty):
            continue
        if all(plain_words(str(value)) in known.words for value in values):
            found[column] = known
    return found


def left_out_as_codes(
    importable: Importable, header: Sequence[str], sample: Sample, parts: Fields[str, str] | None = None
) -> dict[str, LeftOut]:
    """Return the columns named after a person or company that have mostly codes without letters."""
    code_names = frozenset[str]().union(*(target.code_names for target in importable.targets.values()))
    return {
        column: _CODES
        for column in header
        if not code_names.isdisjoint(_names_and_part(column, parts)) and _has_codes(sample, column)
    }


def _has_codes(sample: Sample, column: str) -> bool:
    values = sample.values(column)
    lettered = sum(any(map(str.isalpha, str(value))) for value in values)
    return bool(values) and lettered * 2 <= len(values)


def _names_and_part(column: str, parts: Fields[str, str] | None) -> set[str]:
    """Return the normalized names of a column, and of the last part of a joined name."""
    part = (parts or {}).get(column) or last_part(column)
    return {*names_of(column), *(names_of(part) if part else ())}


def match_by_words(
    importable: Importable, header: Sequence[str], columns: Fields[str, str], sample: Sample
) -> dict[str, str]:
    """Match columns, whatever their names, that contain only the words of a choice field.

    Only choice fields that no column provides yet are considered.
    """
    found: dict[str, str] = {}
    for name, field in _choices(importable).items():
        if name in columns.values() or field.imported is None or not field.imported.matches_by_words:
            continue
        for column in header:
            words = () if column in columns else sample.texts(column)
            if words and all(word_is_known(field, word) for word in words):
                found[column] = name
                break
    return found


def correct_by_words(
    importable: Importable, columns: Fields[str, str], sample: Sample, notices: list[LazyText]
) -> dict[str, str]:
    """Correct matches of columns whose words do not fit the choice that their name suggests.

    A column with more words of another choice is matched to that choice; one with none of the expected words is matched
    to the declared alternative, or skipped if that is taken. Without an alternative it keeps its match, and the user is
    asked to explain its words.
    """
    choices = _choices(importable)
    kept = dict(columns)
    for name, target in columns.items():
        field = choices.get(target)
        if field is None or field.imported is None or not (words := sample.texts(name)):
            continue
        free = (other for other in choices if other not in kept.values())
        known = {one: sum(word_is_known(choices[one], word) for word in words) for one in (target, *free)}
        meant = max(known, key=known.__getitem__)
        if meant == target and any(word_is_known(field, word) for word in words):
            continue
        del kept[name]
        otherwise = field.imported.otherwise if meant == target else meant
        if otherwise and otherwise not in kept.values():
            kept[name] = otherwise
            label = importable.targets[otherwise].label
            notices.append(
                _l(
                    "“%(column)s” doesn’t have the expected values, so it was matched to “%(label)s” instead.",
                    column=name,
                    label=label,
                )
                if meant == target
                else _l(
                    "“%(column)s” has values typical of “%(label)s”, so it was matched to that.",
                    column=name,
                    label=label,
                )
            )
        elif not otherwise:
            kept[name] = target  # the user is asked to explain its words
    return kept


def without_ratings_in_words(
    importable: Importable, columns: dict[str, str], sample: Sample, notices: list[LazyText]
) -> dict[str, str]:
    """Skip rating columns that have words such as “good” and “bad” instead of numbers."""
    kept = dict(columns)
    for name, target in columns.items():
        if target in importable.ratings and (words := sample.texts(name)) and not sample.numbers(name):
            del kept[name]
            notices.append(
                _l(
                    "“%(column)s” has ratings in words (%(word)s), not numbers, so it was skipped.",
                    column=name,
                    word=min(words),
                )
            )
    return kept


def turned_round(
    importable: Importable, header: Sequence[str], columns: dict[str, str], sample: Sample, notices: list[LazyText]
) -> dict[str, dict[str, str]]:
    """Match columns with the opposite meaning of a flag, such as “Abandoned”, with yes and no swapped.

    Adds the matches to `columns` and a notice for each. Returns the meanings of the columns' words, by flag.
    """
    found: dict[str, dict[str, str]] = {}
    for target in importable.flags:
        names = importable.targets[target].opposites
        free = (name for name in header if name not in columns and plain_name(name) in names)
        column = None if target in columns.values() else next(free, None)
        if column is None:
            continue
        said = {str(value): _turned(value) for value in sample.values(column)}
        words = {word: meaning for word, meaning in said.items() if meaning is not None}
        if not words:
            continue
        columns[column], found[target] = target, words
        label = importable.targets[target].label
        notices.append(
            _l("“%(column)s” is the opposite of “%(label)s”, so yes and no are swapped.", column=column, label=label)
        )
    return found


def _turned(value: Value) -> str | None:
    try:
        return "no" if _FLAG(value) else "yes"
    except CellProblem:
        return None


def other_channels(
    importable: Importable, header: Sequence[str], sample: Sample, parts: Fields[str, str] | None = None
) -> tuple[Only, ...]:
    """Return the filter to offer for leaving out rows of other channels, such as chats; empty if no column needs one.

    It selects the wanted words if there are any and all words are known; otherwise it skips the words known to be of
    other channels.
    """
    channels = importable.channels
    if channels is None:
        return ()
    for column in header:
        names = _names_and_part(column, parts)
        words = sorted(sample.texts(column)) if names & channels.names else []
        wanted = [word for word in words if plain_words(word) in channels.wanted]
        others = [word for word in words if plain_words(word) in channels.others]
        all_known = len(wanted) + len(others) == len(words)
        if others and (all_known or wanted):
            keep = all_known and bool(wanted)
            return (Only(column=column, words=tuple(wanted if keep else others), keep=keep),)
    return ()
