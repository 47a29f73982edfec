"""The mapping for a file imported by a command: the one passed, or else the suggested one.

Dates in which day and month can't be told apart are refused, unless an option states their format, and so are durations
whose unit is in doubt and times whose zone is. So are unknown words that decide about their rows, and rows that aren't
calls, unless a mapping or an option says what to do with them.
"""

import json
import shlex
from collections.abc import Collection, Sequence
from collections.abc import Mapping as Words
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NoReturn
from uuid import UUID

import click

from app.data.imports.guess_rules import Guess
from app.data.imports.mapping_queries import default_source, find_saved_mapping, guess_for, written_formats
from app.data.imports.mapping_rules import Mapping, gaps_of, importable, options_for, read_mapping
from app.data.imports.overlap_rules import Doubt, SourceUnclear
from app.data.imports.sheet_queries import sheet_to_read
from app.data.imports.word_queries import MAX_COUNTED, counted_channels, unknown_words
from app.data.imports.word_rules import LEAVE_EMPTY, TURN_AWAY
from app.models import AppointmentOutcome, ImportKind
from app.tables.file_rules import read_first_rows
from app.tables.table_rules import TableOptions
from app.work.appointments.import_paid_rules import PAID

_UNEXPLAINED = 2  # exit code
#: Answers to whether rows of other channels than calls are imported.
LEAVE_OUT, IMPORT = "leave-out", "import"
#: Meanings of unknown words, by the value of the option that says so.
MEANINGS = {"leave-out": TURN_AWAY, "empty": LEAVE_EMPTY}
#: Outcomes of completed jobs with a price, by the value of the option that says so.
PAID_MEANINGS = {"won": AppointmentOutcome.CLOSED_WON, "open": AppointmentOutcome.OPEN}


@dataclass(frozen=True, slots=True)
class Said:
    """The questions about a file that options answer.

    `is_dated` is whether they state the date format, `is_zoned` the time zone, `is_several` whether rows can share an
    ID. `units` are the
    durations whose unit they state; `other_channels` is LEAVE_OUT, IMPORT or None.
    """

    is_dated: bool = False
    is_zoned: bool = False
    is_several: bool = False
    units: Collection[str] = ()
    other_channels: str | None = None


@dataclass(frozen=True, slots=True)
class UnknownWord:
    """A word of a field that decides about the row, which the mapping doesn't explain, and the number of its rows.

    `can_be_empty` is whether the field has a default; `options` say what the word means.
    """

    field: str
    column: str
    word: str
    rows: int
    can_be_empty: bool
    options: str = ""


def with_meanings(mapping: Mapping, file: Path, option: str | None, *, as_json: bool) -> Mapping:
    """Return the mapping with a meaning for every word of the file that decides about its row.

    `option` is a key of MEANINGS. Words without a meaning are listed, and the command ends with exit code 2.
    """
    words = _unexplained(mapping, file)
    if words and option is not None:
        mapping = _explained(mapping, words, MEANINGS[option])
        words = _unexplained(mapping, file)
    if not words:
        return mapping
    _list_unexplained(words, as_json=as_json)
    raise SystemExit(_UNEXPLAINED)


def ask_for_date(mapping: Mapping, *, as_json: bool) -> None:
    """End the command with exit code 2 if the file lacks the date or the time of its rows and no option says it."""
    dates = importable(mapping.kind).dates
    lacking = {gap.field: gap.message for gap in gaps_of(mapping)}
    examples = {dates.date: "2026-03-17", dates.time: "14:05"} if dates else {}
    for name, example in examples.items():
        if name in lacking:
            if as_json:
                click.echo(json.dumps({"missing": name}))
            else:
                click.echo(str(lacking[name]))
            click.echo(f"Nothing was imported. Use --default {name}={example}, or --mapping.", err=True)
            raise SystemExit(_UNEXPLAINED)


def refuse_unconfirmed(mapping: Mapping, *, as_json: bool) -> None:
    """End the command with exit code 2 if the file seems to lack a field and no option confirms it."""
    confirmable = importable(mapping.kind).confirmable
    for gap in gaps_of(mapping):
        if gap.field in confirmable:
            if as_json:
                click.echo(json.dumps({"missing": gap.field}))
            else:
                click.echo(str(gap.message))
            click.echo("Nothing was imported. Use --without-names, or --mapping.", err=True)
            raise SystemExit(_UNEXPLAINED)


def with_paid(mapping: Mapping, option: str) -> Mapping:
    """Return the mapping with the outcome of completed jobs with a price; `option` is a key of PAID_MEANINGS."""
    values = {target: dict(own) for target, own in mapping.values.items()}
    values.setdefault(PAID.target, {})[PAID.word] = PAID_MEANINGS[option]
    return mapping.model_copy(update={"values": values})


def _unexplained(mapping: Mapping, file: Path) -> list[UnknownWord]:
    """Return the words of a file that decide about their rows and have no meaning yet."""
    found = unknown_words(file, file.name, mapping.table_options, mapping, MAX_COUNTED, is_whole=True)
    said = {target: {word.casefold() for word in words} for target, words in mapping.values.items()}
    usual = {one.name for one in importable(mapping.kind).fields if one.imported and one.imported.usual}
    return [
        UnknownWord(one.target, one.column, word, rows, one.target in usual or bool(one.options), one.options)
        for one in found
        if one.is_needed
        for word, rows in one.counts.items()
        if word.casefold() not in said.get(one.target, ())
    ]


def _explained(mapping: Mapping, words: Sequence[UnknownWord], meaning: str) -> Mapping:
    """Return the mapping with one `meaning` of `words`: TURN_AWAY, or LEAVE_EMPTY for those that can be empty."""
    values = {target: dict(own) for target, own in mapping.values.items()}
    for one in words:
        if meaning == TURN_AWAY or one.can_be_empty:
            values.setdefault(one.field, {})[one.word] = meaning
    return mapping.model_copy(update={"values": values})


def _list_unexplained(words: Sequence[UnknownWord], *, as_json: bool) -> None:
    if as_json:
        listed = [{name: said for name, said in asdict(one).items() if said != ""} for one in words]
        click.echo(json.dumps({"unknown_words": listed}))
    else:
        for one in words:
            rows = f"{one.rows} {'row' if one.rows == 1 else 'rows'}"
            unclear = f"the {one.field} is unclear. Use {one.options}" if one.options else f"not a known {one.field}"
            click.echo(f"{one.column} “{one.word}”: {rows}, {unclear}.")
    click.echo(
        "Nothing was imported. Say what these values mean under “values” in a mapping (--mapping), leave their rows "
        "out with --unknown-words leave-out, or use the field’s default, if it has one, with --unknown-words empty. "
        "See docs/imports.md.",
        err=True,
    )


def end_with_question(error: SourceUnclear, *, as_json: bool) -> NoReturn:
    """Print the question about the source of a file, with the options that answer it, and exit with code 2."""
    question = error.question
    if as_json:
        click.echo(json.dumps({"source_question": question.model_dump(mode="json")}))
    else:
        click.echo(error.reason)
    if question.doubt is Doubt.OTHER_RECORDS:
        answers = "If they are the same records, use --confirm-source. If not, name the other system with --source."
    else:
        answers = (
            f"If they are the same records, use --source {shlex.quote(question.same)}. If not, use --confirm-source."
        )
    click.echo(f"Nothing was imported. {answers}", err=True)
    raise SystemExit(_UNEXPLAINED)


def begun(
    organization_id: UUID,
    kind: ImportKind,
    file: Path,
    wanted: str | None,
    options: TableOptions,
    *,
    said: Said,
) -> Mapping:
    """Return the mapping `wanted` (a saved name or a file), or else the suggested one.

    Columns suggested by their values alone are skipped. Raises ClickException if there is no mapping `wanted` or it is
    for another kind of file, and if the options don't answer a question: day and month that can't be told apart,
    durations whose unit is in doubt, and a time zone that isn't clear. Rows of other channels without an answer end the
    command with exit code 2.
    """
    if wanted is None:
        sheet = sheet_to_read(organization_id, file, file.name, kind, options)
        options = replace(options, sheet=sheet)
        guess = guess_for(organization_id, file, file.name, kind, options)
        _print_skipped_columns(guess)
        for notice in guess.notices:
            click.echo(notice, err=True)
        if guess.repeated_id is not None and not said.is_several:
            click.echo(
                f"Different rows have the same ID, such as “{guess.repeated_id}”. If one conversation can have several "
                "calls, use --several-per-id. Otherwise only the first of these rows is imported.",
                err=True,
            )
        _refuse_either(guess.asks, is_dated=said.is_dated)
        _refuse_units(guess.unit_asks, said.units)
        if guess.unclear_zone_of is not None and not said.is_zoned:
            raise click.ClickException(f"The time zone of “{guess.unclear_zone_of}” isn’t clear. Use --timezone.")
        # No one reviews columns suggested by their values alone, so these have to be mapped explicitly.
        columns = {name: target for name, target in guess.mapping.columns.items() if name not in guess.by_values}
        only = guess.mapping.only if _are_left_out(guess, file, options, said.other_channels) else ()
        return guess.mapping.model_copy(update={"columns": columns, "only": only, "sheet": sheet})
    is_file = Path(wanted).is_file()
    if is_file:
        mapping: Mapping | None = read_mapping(Path(wanted).read_bytes())
    else:
        mapping = find_saved_mapping(organization_id, kind, wanted)
    if mapping is None:
        raise click.ClickException(f"No file or saved mapping is named “{wanted}”.")
    if mapping.kind is not kind:
        raise click.ClickException(f"The mapping “{wanted}” is for {mapping.kind}, not for {kind}.")
    sheet = mapping.sheet if is_file else None
    if sheet is None:  # the workbook of a saved mapping may have called its sheet otherwise
        how = mapping.table_options
        sheet = sheet_to_read(organization_id, file, file.name, kind, how, mapping.columns)
    return _completed(organization_id, file, mapping.model_copy(update={"sheet": sheet}), said)


def _completed(organization_id: UUID, file: Path, mapping: Mapping, said: Said) -> Mapping:
    """Complete a mapping by detecting its missing date formats, units and source system."""
    found = dict[str, Any]()
    options = mapping.table_options
    written = written_formats(organization_id, file, file.name, mapping, options)
    if "date_formats" not in mapping.model_fields_set:
        _refuse_either(written.dates.asks, is_dated=said.is_dated)
        found["date_formats"] = written.dates.found or mapping.date_formats
    if "units" not in mapping.model_fields_set:
        _refuse_units(written.units.asks, said.units)
        found["units"] = dict(written.units.found)
    if "source" not in mapping.model_fields_set:
        found["source"] = default_source(organization_id, file, file.name, mapping)
    return mapping.model_copy(update=found)


def _refuse_either(asks: Sequence[str], *, is_dated: bool) -> None:
    if asks and not is_dated:
        either = " or ".join(f"--date-format {text}" for text in asks)
        raise click.ClickException(f"The day and the month can’t be told apart. Use {either}.")


def _refuse_units(asks: Words[str, Sequence[str]], said: Collection[str]) -> None:
    for target, values in asks.items():
        if target not in said:
            shown = ", ".join(values)
            raise click.ClickException(
                f"The unit of {target} isn’t clear from values like {shown}. Use --unit {target}=minutes or "
                f"--unit {target}=seconds."
            )


def _are_left_out(guess: Guess, file: Path, options: TableOptions, answer: str | None) -> bool:
    """Return whether rows of other channels are left out, as the option says.

    If there are such rows and no `answer`, they are listed, and the command ends.
    """
    offer = next(iter(guess.mapping.only), None)
    asked = counted_channels(file, file.name, options_for(guess.mapping.kind, options), offer)
    if asked is None or answer is not None:
        return answer == LEAVE_OUT
    for word, rows in asked.counts.items():
        click.echo(f"{asked.only.column} “{word}”: {rows} {'row' if rows == 1 else 'rows'}, not calls.")
    click.echo(
        f"Nothing was imported. Leave these rows out with --other-channels {LEAVE_OUT}, or import them as calls with "
        f"--other-channels {IMPORT}.",
        err=True,
    )
    raise SystemExit(_UNEXPLAINED)


def _print_skipped_columns(guess: Guess) -> None:
    """List the columns that are not imported, with the reason if it is known."""
    why = {name: str(basis.text) for name, basis in guess.bases.items() if name in guess.unmapped}
    for name, said in why.items():
        click.echo(f"“{name}”: {said}", err=True)
    others = [name for name in guess.unmapped if name not in why]
    if others:
        click.echo(f"Skipped columns: {', '.join(others)}.", err=True)


def print_reading(mapping: Mapping, file: Path) -> None:
    """Print where the table is in the file, how its columns are read, and its assumed source."""
    for notice in read_first_rows(file, options_for(mapping.kind, mapping.table_options), file.name).notices:
        click.echo(notice, err=True)
    if mapping.sheet:
        click.echo(f"Sheet: “{mapping.sheet}”.", err=True)
    for column, target in mapping.columns.items():
        unit = f", in {mapping.units[target]}" if target in mapping.units else ""
        click.echo(f"“{column}” is read as {target}{unit}.", err=True)
    for target, value in mapping.defaults.items():
        click.echo(f"Default for {target}: {value}.", err=True)
    for only in mapping.only:
        words = " or ".join(only.words)
        sign = "is" if only.keep else "isn’t"
        click.echo(f"Only rows where “{only.column}” {sign} {words} are imported.", err=True)
    if mapping.own_numbers:
        click.echo(f"Own numbers: {', '.join(mapping.own_numbers)}.", err=True)
    if mapping.country:
        click.echo(f"Phone number country: {mapping.country}.", err=True)
    if mapping.timezone:
        click.echo(f"Time zone: {mapping.timezone}.", err=True)
    dates = importable(mapping.kind).dates
    if dates and {*mapping.columns.values()} & {dates.moment, dates.date, *dates.others}:
        click.echo(f"Dates are read as {' or '.join(mapping.date_formats)}.", err=True)
    click.echo(f"Source: “{mapping.source}”. Use --source to change it.", err=True)
