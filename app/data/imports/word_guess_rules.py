"""Columns by the words in them: a choice of ours, another one than their name says, yes for no, another channel."""

from collections.abc import Mapping as Fields
from collections.abc import Sequence

from flask_babel import lazy_gettext as _l

from app.data.imports.cell_rules import CellProblem, Value
from app.data.imports.date_guess_rules import fits
from app.data.imports.mapping_rules import NO_WORDS, YES_WORDS, Only
from app.data.imports.name_rules import names_of, plain_name, plain_words
from app.data.imports.sample_rules import Sample
from app.data.imports.word_rules import choice_parser, flag_parser
from app.declarations.field import Choice, Field
from app.declarations.importable import Importable
from app.errors import Sentence

_FLAG = flag_parser(YES_WORDS, NO_WORDS)


def _choices(importable: Importable) -> dict[str, Field]:
    return {one.name: one for one in importable.fields if one.imported and isinstance(one.kind, Choice)}


def word_is_known(field: Field, word: str) -> bool:
    """Whether a word stands for one of the values of a choice without being explained."""
    if field.imported is None or not isinstance(field.kind, Choice):
        return False
    return fits(choice_parser(field.imported.values or field.kind.kind, field.imported.words), word)


def told_by_words(
    importable: Importable, header: Sequence[str], columns: Fields[str, str], sample: Sample
) -> dict[str, str]:
    """Columns of any name that say nothing but the words of a choice which no column gives."""
    found: dict[str, str] = {}
    for name, field in _choices(importable).items():
        if name in columns.values() or field.imported is None or not field.imported.is_told_by_words:
            continue
        for column in header:
            words = () if column in columns else sample.texts(column)
            if words and all(word_is_known(field, word) for word in words):
                found[column] = name
                break
    return found


def without_strange_words(
    importable: Importable, columns: Fields[str, str], sample: Sample, notices: list[Sentence]
) -> dict[str, str]:
    """A column that is called like one of our choices, and says none of its words, or more of another's, is something
    else."""
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
                _l("“%(column)s” says none of our words: it is taken as “%(label)s”.", column=name, label=label)
                if meant == target
                else _l("“%(column)s” has the words of “%(label)s”, and is taken as that.", column=name, label=label)
            )
        elif not otherwise:
            kept[name] = target  # its words are asked for
    return kept


def without_ratings_in_words(
    importable: Importable, columns: dict[str, str], sample: Sample, notices: list[Sentence]
) -> dict[str, str]:
    """A rating that says “good” and “bad” and no number is none of ours."""
    kept = dict(columns)
    for name, target in columns.items():
        if target in importable.ratings and (words := sample.texts(name)) and not sample.numbers(name):
            del kept[name]
            notices.append(
                _l(
                    "“%(column)s” rates in words (%(word)s), not in numbers: it is left out.",
                    column=name,
                    word=min(words),
                )
            )
    return kept


def turned_round(
    importable: Importable, header: Sequence[str], columns: dict[str, str], sample: Sample, notices: list[Sentence]
) -> dict[str, dict[str, str]]:
    """A column that says yes where we say no, such as “Abandoned”, gives its target with its words turned round."""
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
            _l("“%(column)s” says yes where “%(label)s” says no: it is turned round.", column=column, label=label)
        )
    return found


def _turned(value: Value) -> str | None:
    try:
        return "no" if _FLAG(value) else "yes"
    except CellProblem:
        return None


def other_channels(
    importable: Importable, header: Sequence[str], sample: Sample, notices: list[Sentence]
) -> tuple[Only, ...]:
    """Which rows are wanted of a file that holds chats and the like beside: those of the words that we want where all
    words are known, else those without the others."""
    channels = importable.channels
    if channels is None:
        return ()
    for column in header:
        words = sorted(sample.texts(column)) if {*names_of(column)} & channels.names else []
        wanted = [word for word in words if plain_words(word) in channels.wanted]
        others = [word for word in words if plain_words(word) in channels.others]
        all_known = len(wanted) + len(others) == len(words)
        if others and (all_known or wanted):
            notices.append(
                _l(
                    "“%(column)s” says %(words)s: these rows are no calls. They are left out unless you say otherwise.",
                    column=column,
                    words=", ".join(others),
                )
            )
            keep = all_known and bool(wanted)
            return (Only(column=column, words=tuple(wanted if keep else others), keep=keep),)
    return ()
