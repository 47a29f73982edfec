"""Mapping form of one file, with a field for each of its columns, durations and unknown words."""

from collections.abc import Mapping as Words
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_ngettext as _ln
from wtforms import BooleanField, Field, StringField
from wtforms.widgets import DateInput, TimeInput

from app.data.imports.field_forms import UNITS, ZONES, Choices, select_field
from app.data.imports.format_forms import FormatsMappingForm, dated_columns
from app.data.imports.mapping_forms import MappingForm
from app.data.imports.word_queries import OtherChannels, UnknownWords
from app.data.imports.word_rules import LEAVE_EMPTY, TURN_AWAY
from app.data.imports.written_rules import Written
from app.declarations.field import Choice
from app.declarations.field import Field as DeclaredField
from app.declarations.importable import Importable
from app.errors import LazyText
from app.web.validators import at_most
from app.web.value_words import LABELS

MAX_CONSTANT_LENGTH = 100


@dataclass(frozen=True, slots=True)
class FileQuestions:
    """The questions a form asks about one file.

    `strange` are the unknown words to be explained; `dates` the date formats to choose from, with an example each;
    `written` the date formats found in `dated`, the mapped date columns; `durations` examples from the file by target
    and unit. For durations `in_doubt`, the suggested unit may be wrong; for those in `unit_asks`, with some of
    their values, the user must confirm it. `formats` are the formats of all mapped columns, `numbered` those with
    numbers, and `timed` the column of each duration. `channels` are rows of other channels. The user must choose the
    time zone if that of `zone_column` isn't clear from its name.
    """

    header: Sequence[str] = ()
    strange: Sequence[UnknownWords] = ()
    dates: Words[str, str] = field(default_factory=dict)
    written: tuple[str, ...] = ()
    dated: Sequence[str] = ()
    durations: Words[str, Words[str, str]] = field(default_factory=dict)
    in_doubt: frozenset[str] = frozenset()
    unit_asks: Words[str, Sequence[str]] = field(default_factory=dict)
    formats: Written = field(default_factory=Written)
    numbered: Sequence[str] = ()
    timed: Words[str, str] = field(default_factory=dict)
    channels: OtherChannels | None = None
    zone_column: str = ""


def form_for(importable: Importable, asked: FileQuestions) -> type[MappingForm]:
    """Build the class of the mapping form for a file."""
    targets = importable.targets
    usual = {one.name: one.imported.usual for one in importable.fields if one.imported and one.imported.usual}
    fields: dict[str, Any] = {
        **_columns(importable, asked),
        **{
            one.name: select_field(one.label, _words_of(one), importable.usual_hint)
            for one in importable.fields
            if one.name in usual
        },
        **{MappingForm.constant_name(name): _constant(importable, name) for name in importable.constants},
        **{MappingForm.lack_name(name): BooleanField(label) for name, label in importable.confirmable.items()},
        **_words(asked.strange),
        **_once_field(importable),
    }
    rows: Choices = {"": _l("All rows"), **{name: name for name in asked.header}}
    fields["only_column"] = select_field(_l("Column to filter by"), rows)
    form, more = MappingForm, dict[str, Any]()
    if importable.dates is not None:
        form = FormatsMappingForm
        more = {
            "asks": asked.dates,
            "written": asked.written,
            "dated": dated_columns(asked.dated, asked.written),
            "durations": importable.durations,
            "in_doubt": asked.in_doubt,
            "unit_asks": asked.unit_asks,
            "formats": asked.formats,
            "numbered": tuple(asked.numbered),
            "timed": asked.timed,
            "unasked": _unasked(importable),
            "is_zone_needed": bool(asked.zone_column),
        }
        fields |= {"timezone": _zone(asked.zone_column)} if asked.zone_column else {}
        fields |= {f"unit_{target}": _unit(importable, asked, target) for target in importable.durations}
    known = {
        "header": tuple(asked.header),
        "about": importable.about,
        "targets": targets,
        "importable": importable,
        "usual": usual,
        "strange": tuple(asked.strange),
        "constants": importable.constants,
        "shares_ids": bool(importable.several_per_id),
        "has_ends": importable.ends is not None,
        "other_channels": asked.channels,
        **more,
    }
    return type("FileMappingForm", (form,), {**fields, **known})


def _columns(importable: Importable, asked: FileQuestions) -> dict[str, Field]:
    offered: Choices = {"": _l("Skip"), **{name: target.label for name, target in importable.targets.items()}}
    return {f"column_{index}": select_field(name, offered) for index, name in enumerate(asked.header)}


def _constant(importable: Importable, name: str) -> Field:
    """Return the field for a value that applies to the whole file if no column provides it."""
    label, dates = importable.targets[name].label, importable.dates
    declared = next((one for one in importable.fields if one.name == name), None)
    if declared is not None and isinstance(declared.kind, Choice):
        return select_field(label, {"": _l("Unknown"), **_words_of(declared)}, optional=True)
    widget = {dates.date: DateInput(), dates.time: TimeInput()}.get(name) if dates else None
    return StringField(label, [at_most(MAX_CONSTANT_LENGTH)], widget=widget)


def _once_field(importable: Importable) -> dict[str, Field]:
    """Return the form field, by name, for a value that applies to this whole file but not to later files.

    The result is empty if the kind of file has no such value.
    """
    if not importable.about:
        return {}
    hint = _l("Applies to the whole file if no column contains it. Not saved for future imports.")
    label = importable.targets[importable.about].label
    return {importable.about: StringField(label, [at_most(MAX_CONSTANT_LENGTH)], description=hint)}


def _words(strange: Sequence[UnknownWords]) -> dict[str, Field]:
    return {
        MappingForm.word_name(one, number): select_field(
            one.labels.get(word, f"“{word}”"), _meanings(one), _rows(count), optional=bool(one.people)
        )
        for one in strange
        for number, (word, count) in enumerate(one.counts.items())
    }


def _unit(importable: Importable, asked: FileQuestions, target: str) -> Field:
    """Return the field for the unit of a duration, whose choices show examples from the file."""
    examples = asked.durations.get(target, {})
    units = {
        unit: _("%(unit)s (%(examples)s)", unit=words, examples=examples[unit]) if examples.get(unit) else words
        for unit, words in UNITS.items()
    }
    hint = _l("Cells like 2:05 are read as 2 minutes 5 seconds unless you choose “Hours and minutes”.")
    label = _l("%(duration)s unit", duration=importable.targets[target].label)
    if target in asked.unit_asks:
        units = {"": _l("Choose a unit"), **units}
        values = ", ".join(asked.unit_asks[target])
        hint = (
            _l("Values like %(values)s are probably minutes. Check that this is right.", values=values)
            if asked.formats.units.found.get(target) == "minutes"
            else _l("The file doesn’t say the unit of values like %(values)s.", values=values)
        )
    return select_field(label, units, hint)


def _zone(column: str) -> Field:
    """Return the field for the time zone of the file, which has none until the user chooses one."""
    hint = _l("The name of “%(column)s” doesn’t say clearly which time zone its times are in.", column=column)
    return select_field(_l("Time zone"), {**ZONES, "": _l("Choose a time zone")}, hint)


def _unasked(importable: Importable) -> frozenset[str]:
    dates = importable.dates
    names = set[str]()
    if not importable.ratings:
        names.add("rating_scale")
    if not importable.costs:
        names.add("costs_below_zero")
    if not importable.flags:
        names |= {"yes_words", "no_words"}
    if dates is not None and not dates.moment and not dates.time:
        names |= {"time_formats", "timezone"}
    return frozenset(names)


def _rows(count: int) -> LazyText:
    return _ln("%(num)s row", "%(num)s rows", count)


def _meanings(words: UnknownWords) -> Choices:
    """Return the choices for the meaning of an unknown word."""
    nothing: Choices = {LEAVE_EMPTY: _l("Leave empty")}
    away: Choices = {TURN_AWAY: _l("Skip the row")}
    if words.people:
        return {
            "": _l("Use the name as written: match a person, add one, or skip the row"),
            **nothing,
            **away,
            **words.people,
        }
    values: Choices = LABELS[words.kind] if words.kind else {"yes": _l("Yes"), "no": _l("No")}
    ours = {value: values[value] for value in words.values}
    unanswered: Choices = {"": _l("Choose a meaning")}
    return {**(unanswered if words.is_needed else nothing), **away, **ours}


def _words_of(declared: DeclaredField) -> Choices:
    return LABELS[declared.kind.kind] if isinstance(declared.kind, Choice) else {}
