"""Views for the mapping and preview of an import, and for starting it."""

from collections.abc import Callable, Sequence
from uuid import UUID

from flask import Response, flash, make_response, request, url_for
from flask_babel import gettext as _

from app.data.imports import mapping_service, workflow_service
from app.data.imports.date_guess_rules import Formats, date_columns, unclear_zone_column
from app.data.imports.field_forms import DECIMAL_SEPARATORS, THOUSANDS_SEPARATORS, numbers_in, parts_of
from app.data.imports.file_forms import FileQuestions, form_for
from app.data.imports.forms import SourceForm, StartForm
from app.data.imports.mapping_forms import MappingForm
from app.data.imports.mapping_page import (
    date_choices,
    duration_examples,
    durations_in_doubt,
    matches,
)
from app.data.imports.mapping_queries import what_it_suggests, written_formats
from app.data.imports.mapping_rules import Mapping, importable, options_for
from app.data.imports.preview_page import declared_cells, form_for_source, shown_changes, shown_fields, whole_file
from app.data.imports.preview_queries import OneRow, Preview, read_preview, read_row
from app.data.imports.queries import get_import, get_organization, list_mappings, permissions
from app.data.imports.reading_service import DELIMITER_NAMES, ENCODING_NAMES, Beginning, Reading, begin, begin_with_form
from app.data.imports.resource import IMPORT, IMPORT_ERROR
from app.data.imports.views import imports
from app.data.imports.whole_file_rules import open_question
from app.data.imports.word_queries import counted_channels, unknown_people, unknown_words
from app.data.imports.written_rules import Written
from app.errors import AlreadyClaimed, ValidationFailed, VersionConflict
from app.lists.listing import given_parameters
from app.lists.table import table_of
from app.models import Import, ImportKind, ImportStatus
from app.security.actor import Actor, current_actor
from app.security.guard import requires_any_of
from app.storage import storage
from app.web.forms import Difference, submitted
from app.web.htmx import redirect, render

#: Action on the mapping that was sent.
Act = Callable[[Actor, Import, Beginning, MappingForm, Mapping], Response]


@imports.get("/imports/<uuid:import_id>/mapping")
@requires_any_of(permissions)
def edit_mapping(import_id: UUID) -> Response:
    """Show the mapping form, filled from the saved, previous or guessed mapping."""
    actor = current_actor()
    row = get_import(actor, import_id)
    if row.status != ImportStatus.UPLOADED:
        return redirect(url_for(".show", import_id=import_id))
    beginning = begin(actor, row, Reading.parse(given_parameters()) if request.args else None)
    saved = beginning.saved
    name, version = (saved.name, saved.version) if saved else ("", None)
    form = _form_type(actor, row, beginning, beginning.mapping).of(beginning.mapping, name, version)
    return make_response(_page(actor, row, beginning, form))


@imports.post("/imports/<uuid:import_id>/mapping")
@requires_any_of(permissions)
def update_mapping(import_id: UUID) -> Response:
    """Store the mapping with the import and go on to the preview."""
    return _submit(import_id, _go_on)


@imports.post("/imports/<uuid:import_id>/mapping/look")
@requires_any_of(permissions)
def preview_mapping(import_id: UUID) -> Response:
    """Show the form for the submitted choices, with a sample row and new questions; store nothing."""
    actor = current_actor()
    row = get_import(actor, import_id)
    if row.status != ImportStatus.UPLOADED:
        return redirect(url_for(".show", import_id=import_id))
    beginning = _sent_beginning(actor, row)
    mapping = _sent_mapping(beginning)
    form_type = _form_type(actor, row, beginning, mapping)
    form = form_type(data=form_type.shown(mapping))  # new questions start with the suggested answer
    form.follow_columns()
    number = request.form.get("row") or request.form.get("shown_row") or ""
    return make_response(_page(actor, row, beginning, form, number=int(number[:4]) if number.isdecimal() else 1))


@imports.post("/imports/<uuid:import_id>/mapping/save")
@requires_any_of(permissions)
def save_mapping(import_id: UUID) -> Response:
    """Save the mapping under a name for the next file."""
    return _submit(import_id, _save)


@imports.get("/imports/<uuid:import_id>/preview")
@requires_any_of(permissions)
def preview(import_id: UUID) -> Response:
    """Show what importing the whole file would do, and its first rows.

    The page polls this until the effect of the whole file has been determined.
    """
    actor = current_actor()
    row = get_import(actor, import_id)
    if row.status != ImportStatus.UPLOADED:
        return redirect(url_for(".show", import_id=import_id))
    if not row.mapping:
        return redirect(url_for(".edit_mapping", import_id=import_id))
    try:
        found = read_preview(row, get_organization(actor))
    except ValidationFailed as refusal:
        flash(refusal.sentence, "bad")
        return redirect(url_for(".edit_mapping", import_id=import_id))
    return _preview_page(actor, row, found)


@imports.post("/imports/<uuid:import_id>/source")
@requires_any_of(permissions)
def answer_source(import_id: UUID) -> Response:
    """Answer the preview's question about the source of the file."""
    actor = current_actor()
    row = get_import(actor, import_id)
    question = open_question(row.preview)
    if question is None:  # answered in the meantime
        return redirect(url_for(".preview", import_id=import_id))
    form = SourceForm()
    form.asks(question)
    with submitted(form) as sent:
        form.check()
        workflow_service.answer_source(actor, import_id, seen=form.seen_at, new_source=form.new_source)
        return redirect(url_for(".preview", import_id=import_id))
    if isinstance(sent.error, AlreadyClaimed):
        flash(str(sent.error.message), "warn")
        return redirect(url_for(".show", import_id=import_id))
    return _preview_page(actor, row, read_preview(row, get_organization(actor)), form, status=sent.status)


@imports.post("/imports/<uuid:import_id>/run")
@requires_any_of(permissions)
def run(import_id: UUID) -> Response:
    """Start the import, which the worker runs."""
    actor, form = current_actor(), StartForm()
    get_import(actor, import_id)
    if not form.validate():  # the preview page renders a new form
        return redirect(url_for(".preview", import_id=import_id))
    with submitted() as sent:
        workflow_service.start(actor, import_id, seen=form.seen_at, create_users=form.create_users.data)
        return redirect(url_for(".show", import_id=import_id))
    if sent.error:
        flash(str(sent.error.message), "warn")
    return redirect(url_for(".show" if isinstance(sent.error, AlreadyClaimed) else ".preview", import_id=import_id))


def _preview_page(
    actor: Actor, row: Import, found: Preview, source_form: SourceForm | None = None, status: int = 200
) -> Response:
    whole, kind = whole_file(row), importable(row.kind)
    shown = render(
        "data/imports/preview.html",
        "data/imports/_whole.html",
        row=row,
        kind=kind,
        labels=IMPORT.labels,
        found=found,
        declared_cells=declared_cells,
        whole=whole,
        changes=shown_changes(whole, kind),
        changed_fields=shown_fields(whole, kind),
        errors=table_of(IMPORT_ERROR, actor),
        form=StartForm(formdata=None, seen=row.updated_at.isoformat()),
        source_form=source_form or form_for_source(row),
    )
    return make_response(shown, status)


def _submit(import_id: UUID, act: Act) -> Response:
    """Call `act` with the submitted mapping, or show the form with its errors."""
    actor = current_actor()
    row = get_import(actor, import_id)
    beginning = _sent_beginning(actor, row)
    form = _form_type(actor, row, beginning, _sent_mapping(beginning))()
    with submitted(form, form.default_names) as sent:
        form.check()
        return act(actor, row, beginning, form, form.chosen(beginning.reading.options, beginning.mapping))
    if isinstance(sent.error, AlreadyClaimed):  # it was started in the meantime and its mapping is final
        flash(str(sent.error.message), "warn")
        return redirect(url_for(".show", import_id=import_id))
    differences = form.take_over(sent.error) if isinstance(sent.error, VersionConflict) else ()
    return make_response(_page(actor, row, beginning, form, differences), sent.status)


def _go_on(actor: Actor, row: Import, _beginning: Beginning, _form: MappingForm, chosen: Mapping) -> Response:
    workflow_service.set_mapping(actor, row.id, chosen)
    return redirect(url_for(".preview", import_id=row.id))


def _save(actor: Actor, row: Import, beginning: Beginning, form: MappingForm, chosen: Mapping) -> Response:
    opened = beginning.saved.id if beginning.saved else None
    saved = mapping_service.save_mapping(actor, form.name.data or "", chosen, opened=opened, version=form.version.data)
    flash(_("The mapping “%(name)s” was saved.", name=saved.name), "good")
    return redirect(url_for(".edit_mapping", import_id=row.id, saved=saved.id))


def _sent_beginning(actor: Actor, row: Import) -> Beginning:
    asked = Reading.parse({name: request.form.getlist(name) for name in Reading.model_fields})
    return begin_with_form(actor, row, asked, lambda place: request.form.get(f"column_{place}"))


def _form_type(actor: Actor, row: Import, beginning: Beginning, mapping: Mapping) -> type[MappingForm]:
    """Return the form class for the columns as `mapping` assigns them, with their words and date formats."""
    columns, options, kind = beginning.columns, beginning.reading.options, importable(row.kind)
    if columns.problem is not None:
        return form_for(kind, FileQuestions())
    path = storage().path(row.storage_key)
    written = written_formats(actor.organization_id, path, row.file_name, mapping, options)
    is_settled = _is_settled(beginning, mapping, written.dates)
    durations = duration_examples(mapping, columns)
    asked = FileQuestions(
        header=columns.header,
        strange=(*unknown_words(path, row.file_name, options, mapping), *unknown_people(actor, row, options, mapping)),
        dates=date_choices(() if is_settled else written.dates.asks, mapping, columns),
        written=written.dates.found,
        dated=date_columns(kind.dates, mapping.columns) if kind.dates else (),
        durations=durations,
        in_doubt=durations_in_doubt(mapping, durations) - written.units.sure,
        unit_asks=_unit_asks(beginning, mapping, written),
        formats=written,
        numbered=tuple(name for target in kind.numbers if (name := mapping.column_of(target))),
        timed={target: name for target in kind.durations if (name := mapping.column_of(target))},
        channels=counted_channels(path, row.file_name, options_for(kind.kind, options), beginning.channel),
        zone_column=_zone_column(beginning, mapping),
    )
    return form_for(kind, asked)


def _is_settled(beginning: Beginning, mapping: Mapping, written: Formats) -> bool:
    """Return whether the order of day and month is already known for the chosen columns.

    It may be known from a saved mapping or an earlier visit to the page.
    """
    dates, before = importable(mapping.kind).dates, beginning.mapping
    if dates is None or beginning.asks or not {*written.asks} & {*before.date_formats}:
        return False
    return date_columns(dates, before.columns) == date_columns(dates, mapping.columns)


def _unit_asks(beginning: Beginning, mapping: Mapping, written: Written) -> dict[str, Sequence[str]]:
    """Return the durations whose unit the user must confirm, with some of their values.

    A saved mapping, or one of an earlier visit to the page, states the units of its columns.
    """
    before = beginning.mapping if beginning.is_stored else None
    return {
        target: values
        for target, values in written.units.asks.items()
        if before is None or before.column_of(target) != mapping.column_of(target)
    }


def _zone_column(beginning: Beginning, mapping: Mapping) -> str:
    """Return the time column whose time zone the user must choose, or "".

    A saved mapping, or one of an earlier visit to the page, states the time zone of its columns.
    """
    dates = importable(mapping.kind).dates
    column = unclear_zone_column(dates, mapping.columns) if dates else None
    is_settled = beginning.is_stored and column in beginning.mapping.columns
    return "" if column is None or is_settled else column


def _sent_mapping(beginning: Beginning) -> Mapping:
    """Return the mapping with the submitted columns, words, numbers and separators, even of an invalid form."""
    targets = importable(beginning.mapping.kind).targets
    sent = ((name, request.form.get(f"column_{place}")) for place, name in enumerate(beginning.columns.header))
    columns = {name: one for name, one in sent if one in targets}
    lists = ("yes_words", "no_words", "missing_words")
    words = {name: parts_of(request.form[name]) for name in lists if name in request.form}
    offered = {"decimal_separator": DECIMAL_SEPARATORS, "thousands_separator": THOUSANDS_SEPARATORS}
    separators = {name: said for name, ones in offered.items() if (said := request.form.get(name)) in ones}
    own = {"own_numbers": numbers_in(request.form["own_numbers"])} if "own_numbers" in request.form else {}
    return beginning.mapping.model_copy(update={"columns": columns, **words, **separators, **own})


def _page(
    actor: Actor,
    row: Import,
    beginning: Beginning,
    form: MappingForm,
    differences: Sequence[Difference] = (),
    *,
    number: int = 1,
) -> str:
    kind, path = ImportKind(row.kind), storage().path(row.storage_key)
    guess = what_it_suggests(actor.organization_id, path, row.file_name, kind, beginning.reading.options)
    found = matches(form.column_fields, beginning.columns, guess)
    return render(
        "data/imports/mapping.html",
        "data/imports/_looked_at.html",
        row=row,
        kind=importable(kind),
        beginning=beginning,
        form=form,
        matches=[one for one in found if not one.is_left_out],
        left_out=[one for one in found if one.is_left_out],
        one=_one_row(actor, row, beginning, form, number),
        declared_cells=declared_cells,
        errors=table_of(IMPORT_ERROR, actor),
        differences=differences,
        saved_mappings=[(str(one.id), one.name) for one in list_mappings(actor, kind)],
        encodings=list(ENCODING_NAMES.items()),
        delimiters=list(DELIMITER_NAMES.items()),
    )


def _one_row(actor: Actor, row: Import, beginning: Beginning, form: MappingForm, number: int) -> OneRow | None:
    """Return a sample row for the form, or None while it cannot be read."""
    if beginning.columns.problem is not None or form.gaps or not form.can_be_read():
        return None
    try:
        mapping = form.chosen(beginning.reading.options, beginning.mapping)
        return read_row(row, mapping, get_organization(actor), number)
    except ValidationFailed:
        return None
