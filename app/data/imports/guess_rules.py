"""Guessing the mapping of a file: columns by their names and values, formats by their values."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from collections.abc import Mapping as Fields
from dataclasses import dataclass, field
from typing import Any, Literal

from flask_babel import lazy_gettext as _l

from app.data.imports.cell_rules import as_text
from app.data.imports.country_guess_rules import other_country
from app.data.imports.date_guess_rules import (
    join_date_and_time,
    mixed_dates,
    moments_by_values,
    serial_notices,
    unclear_zone_column,
    zone_of_times,
)
from app.data.imports.date_rules import DEFAULT_DATE_FORMATS
from app.data.imports.duration_guess_rules import columns_of_spans
from app.data.imports.mapping_rules import Mapping
from app.data.imports.name_rules import Matches, match_names, plain_name, scale_in
from app.data.imports.own_number_rules import own_numbers, parsed
from app.data.imports.phone_rules import plain_number_parser
from app.data.imports.sample_rules import Sample
from app.data.imports.word_guess_rules import (
    correct_by_words,
    left_out_as_codes,
    left_out_by_words,
    match_by_words,
    other_channels,
    turned_round,
    without_ratings_in_words,
)
from app.data.imports.written_rules import Place, written_in
from app.declarations.importable import Importable
from app.errors import LazyText
from app.tables.table_rules import Row

# A smaller share of ratings beyond the scale counts as typos.
_BEYOND_SCALE = 0.05
# The scale in a column name is used unless a larger share of ratings exceeds it.
_BEYOND_SAID_SCALE = 0.2


@dataclass(frozen=True, slots=True)
class Basis:
    """The reason why a column was matched to its field, or skipped."""

    text: LazyText
    is_unsure: bool = False


_BY_NAME = Basis(_l("Matched by name"))
_BY_WORDS = Basis(_l("Matched by content"))
_UNSURE = Basis(_l("Best guess: another column could also fit"), is_unsure=True)


@dataclass(frozen=True, slots=True)
class Guess:
    """A guessed mapping, the columns it skips, and notices for the user to check before the import.

    `asks` are the date formats of which the user must choose one, if day and month cannot be told apart; `unit_asks`
    are the durations whose unit the user must confirm, with some of their values. `bases` are the reasons for matching
    or skipping each column. `unclear_zone_of` is the time column whose name states a time zone that isn't clear; the
    user must choose one. `repeated_id` is an id shared by differing rows; the page and the command explain the options
    in their own ways. `by_values` are columns matched only by their values, which the user must check. `only` of the
    mapping is an offer: rows stay out if the user takes it.
    """

    mapping: Mapping
    unmapped: tuple[str, ...]
    notices: tuple[LazyText, ...]
    asks: tuple[str, ...] = ()
    unit_asks: Fields[str, tuple[str, ...]] = field(default_factory=dict)
    bases: Fields[str, Basis] = field(default_factory=dict)
    unclear_zone_of: str | None = None
    repeated_id: str | None = None
    by_values: tuple[str, ...] = ()


def guess_mapping(
    importable: Importable,
    header: Sequence[str],
    sample_rows: Iterable[Row],
    *,
    country: str = "US",
    currency: str = "USD",
    parts: Fields[str, str] | None = None,
    registered: Collection[str] = (),
) -> Guess:
    """Match columns by their names and values, and detect formats from the first SAMPLE_ROWS rows.

    If day and month cannot be told apart, `asks` of the result has both formats, with that of `country` (ISO 3166-1
    alpha-2) first; the mapping uses that one until the user chooses. `currency` (ISO 4217) is the organization's, and
    `parts` are the last parts of column names that two header rows join. `registered` are numbers known to be the
    organization's. The mapping may have gaps, see `gaps_of`.
    """
    place, about = Place(country, currency), importable.kind.removesuffix("s")
    matches = match_names(importable.targets, header, importable.left_out, parts=parts, about=about)
    by_name = _by_target(matches.columns)
    sample = Sample(
        header,
        sample_rows,
        header,
        id_column=by_name.get(importable.several_per_id),
        others=_parts_of_a_conversation(importable, by_name),
        in_rows=(*columns_of_spans(importable, header, matches.columns), *_end_columns(importable, by_name)),
    )
    codes = left_out_as_codes(importable, header, sample, parts)
    if by_words := codes | left_out_by_words(importable, header, sample):
        matches = match_names(importable.targets, header, importable.left_out, by_words, parts=parts, about=about)
    notices = list[LazyText]()
    only = other_channels(importable, header, sample, parts)
    known = {name: target for name, target in matches.columns.items() if name not in {one.column for one in only}}
    columns = correct_by_words(importable, known, sample, notices)
    columns = without_ratings_in_words(importable, columns, sample, notices)
    columns |= match_by_words(importable, header, columns, sample)
    written: dict[str, Any] = {"only": only, "values": turned_round(importable, header, columns, sample, notices)}
    by_values = tuple[str, ...]()
    if importable.dates is not None:
        lacking = {gap.field for gap in importable.gaps(frozenset(columns.values()))}
        if importable.dates.moment and not importable.dates.parts.isdisjoint(lacking):
            by_values = moments_by_values(importable.dates, header, columns, sample)[:1]
        columns |= dict.fromkeys(by_values, importable.dates.moment)
        notices += (
            _l(
                "“%(column)s” has dates with times, so it was matched to the date and time of the record. Check "
                "that this is right.",
                column=name,
            )
            for name in by_values
        )
        columns = join_date_and_time(importable.dates, columns, sample)
        notices += mixed_dates(importable.dates, columns, sample)
        notices += serial_notices(importable.dates, columns, sample)
        written["timezone"] = zone_of_times(importable.dates, columns, notices)
        if written["timezone"] is not None:
            # The times are not in the zone of the row.
            columns = {name: target for name, target in columns.items() if target != importable.dates.zone}
    formats = written_in(importable, header, columns, sample, place)
    notices += formats.units.notices
    written |= {
        "date_formats": formats.dates.found or DEFAULT_DATE_FORMATS,
        "time_formats": formats.times,
        "decimal_separator": formats.separators.decimal,
        "thousands_separator": formats.separators.thousands,
        "units": dict(formats.units.found),
        "country": _country(importable, columns, sample, country, notices),
        **_numbers(importable, _by_target(columns), sample, notices),
    }
    written["own_numbers"] = _own_numbers(importable, columns, sample, written["country"] or country, registered)
    notices += (
        sentence for target, sentence in importable.missing_notices.items() if not _is_said(importable, target, columns)
    )
    return Guess(
        mapping=Mapping(kind=importable.kind, columns=columns, **written),
        unmapped=tuple(name for name in header if name not in columns),
        notices=tuple(notices),
        asks=formats.dates.asks,
        unit_asks=formats.units.asks,
        unclear_zone_of=unclear_zone_column(importable.dates, columns) if importable.dates else None,
        bases=_bases(matches, {*matches.unsure, *by_values}, columns),
        by_values=by_values,
        repeated_id=next(map(as_text, sample.repeated_ids), None),
    )


def _bases(matches: Matches, unsure: Collection[str], columns: Fields[str, str]) -> dict[str, Basis]:
    left_out = {name: Basis(one.why) for name, one in matches.left_out.items() if name not in columns}
    sure = {
        name: _UNSURE if name in unsure else _BY_NAME if matches.columns.get(name) == target else _BY_WORDS
        for name, target in columns.items()
    }
    return {**left_out, **sure}


def _is_said(importable: Importable, target: str, columns: Fields[str, str]) -> bool:
    dates = importable.dates
    by_day = (dates.date,) if dates and target == dates.moment else ()
    others = (*importable.constants.get(target, ()), *importable.computed.get(target, ()))
    return not {*columns.values()}.isdisjoint({target, *by_day, *others})


def _parts_of_a_conversation(importable: Importable, found: Fields[str, str]) -> list[str]:
    """Return the columns that differ between the calls of a conversation: start times and agent."""
    dates, people = importable.dates, importable.people
    named = (dates.moment, dates.date, dates.time) if dates else ()
    return [found[name] for name in (*named, people.target if people else "") if name in found]


def _numbers(
    importable: Importable, found: Fields[str, str], sample: Sample, notices: list[LazyText]
) -> dict[str, Any]:
    """Guess the number settings of a mapping, and add notices about them."""
    notices += _handle_times(importable.durations, found)
    return {
        "rating_scale": _rating_scale(importable.ratings, found, sample, notices),
        "costs_below_zero": _are_below_zero(importable.costs, found, sample, notices),
    }


def _country(
    importable: Importable, columns: Fields[str, str], sample: Sample, country: str, notices: list[LazyText]
) -> str | None:
    """Return the country of most phone numbers if it isn't the organization's, and add a notice about it."""
    named = [name for name, target in columns.items() if target in importable.phones]
    found = other_country((as_text(value) for name in named for value in sample.values(name)), country)
    if found is not None:
        notices.append(
            _l(
                "Most numbers in “%(column)s” are from another country (%(country)s), so numbers without a country "
                "code will be read as its numbers. To change this, use “Phone number country”.",
                column=named[0],
                country=found,
            )
        )
    return found


def _end_columns(importable: Importable, by_target: Fields[str, str]) -> list[str]:
    """Return the columns with the two numbers of a call, if both are in the file."""
    ends = importable.ends
    columns = [by_target[target] for target in (ends.caller, ends.called) if target in by_target] if ends else []
    return columns if len(columns) > 1 else []


def _own_numbers(
    importable: Importable, columns: Fields[str, str], sample: Sample, country: str, registered: Collection[str]
) -> tuple[str, ...]:
    """Return the organization's own numbers if a file has no direction."""
    names = _end_columns(importable, _by_target(columns))
    if importable.ends is None or not names or importable.ends.direction in columns.values():
        return ()
    parse = plain_number_parser(country)
    columns_of_texts = ((None if value is None else as_text(value) for value in sample.column(name)) for name in names)
    ends = (parsed(parse, texts) for texts in columns_of_texts)
    return own_numbers(zip(*ends, strict=True), registered)


def own_number_notices(numbers: Sequence[str]) -> Iterator[LazyText]:
    """Yield a notice about the numbers that are taken for the organization's own, if there are any."""
    if numbers:
        yield _l(
            "The file doesn’t say which calls are outbound. Calls from your numbers will be outbound, and calls to "
            "them inbound. These look like your numbers: %(numbers)s. To change this, use “Your numbers”.",
            numbers=", ".join(numbers),
        )


def _rating_scale(
    ratings: Iterable[str], found: Fields[str, str], sample: Sample, notices: list[LazyText]
) -> Literal[5, 10, 100]:
    columns = [found[target] for target in ratings if target in found]
    numbers = [number for column in columns for number in sample.numbers(column)]

    def goes_beyond(limit: int, slips: float) -> bool:
        return sum(number > limit for number in numbers) > slips

    few = len(numbers) * _BEYOND_SCALE
    scale: Literal[5, 10, 100] = 100 if goes_beyond(10, few) else 10 if goes_beyond(5, few) else 5
    for column in columns:
        said = scale_in(column)
        if said and (said > scale or not goes_beyond(said, max(1, len(numbers) * _BEYOND_SAID_SCALE))):
            scale = said
    if scale == 5:
        return 5
    notices.append(_l("Ratings go up to %(scale)s. They’ll be converted to a 1–5 scale.", scale=scale))
    return scale


def _are_below_zero(costs: Iterable[str], found: Fields[str, str], sample: Sample, notices: list[LazyText]) -> bool:
    """Return whether a cost column has no positive amounts and at least one negative amount.

    Adds a notice for each such column. A single negative amount among positive ones may be a credit.
    """
    below = [
        column
        for column in (found[cost] for cost in costs if cost in found)
        if (numbers := sample.numbers(column)) and min(numbers) < 0 and max(numbers) <= 0
    ]
    notices += (
        _l("“%(column)s” has negative amounts. They’ll be imported as call costs.", column=column) for column in below
    )
    return bool(below)


def _handle_times(durations: Iterable[str], found: Fields[str, str]) -> Iterator[LazyText]:
    for target in durations:
        column = found.get(target, "")
        if "handle" in plain_name(column).split():
            yield _l(
                "“%(column)s” is longer than talk time because it includes hold time and after-call work.",
                column=column,
            )


def _by_target(columns: Fields[str, str]) -> dict[str, str]:
    return {target: name for name, target in columns.items()}
