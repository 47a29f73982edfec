"""From the file to its start: what each column is, a look at the first rows, and the button that imports them."""

from collections.abc import Callable, Sequence
from uuid import UUID

from flask import Response, flash, make_response, request, url_for
from flask_babel import gettext as _

from app.data.imports import mapping_service, workflow_service
from app.data.imports.date_guess_rules import Formats, date_columns
from app.data.imports.field_forms import parts_of
from app.data.imports.file_forms import Asked, form_for
from app.data.imports.forms import StartForm
from app.data.imports.mapping_forms import MappingForm
from app.data.imports.mapping_page import (
    date_choices,
    duration_examples,
    durations_in_doubt,
    matches,
)
from app.data.imports.mapping_queries import what_it_suggests, written_dates
from app.data.imports.mapping_rules import Mapping, importable
from app.data.imports.preview_page import shown_changes, whole_file
from app.data.imports.preview_queries import OneRow, look_at_row, read_preview
from app.data.imports.queries import get_import, get_organization, list_mappings, permissions
from app.data.imports.reading_service import DELIMITER_NAMES, ENCODING_NAMES, Beginning, Reading, begin, begin_with_form
from app.data.imports.resource import IMPORT, IMPORT_ERROR
from app.data.imports.views import imports
from app.data.imports.word_queries import strange_words, unknown_people
from app.errors import AlreadyClaimed, ValidationFailed, VersionConflict
from app.lists.listing import given_parameters
from app.lists.table import table_of
from app.models import Import, ImportKind, ImportStatus
from app.security.actor import Actor, current_actor
from app.security.guard import requires_any_of
from app.storage import storage
from app.web.forms import Difference, submitted
from app.web.htmx import redirect, render

#: What is done with a mapping that was sent.
Act = Callable[[Actor, Import, Beginning, MappingForm, Mapping], Response]


@imports.get("/imports/<uuid:import_id>/mapping")
@requires_any_of(permissions)
def edit_mapping(import_id: UUID) -> Response:
    """Say what each column is, beginning with what its name and values suggest."""
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
    """Keep it with the import, and go on to the preview."""
    return _submit(import_id, _go_on)


@imports.post("/imports/<uuid:import_id>/mapping/look")
@requires_any_of(permissions)
def look_at_mapping(import_id: UUID) -> Response:
    """What the choices that were sent make of the file, and what is to be asked with them; nothing is kept."""
    actor = current_actor()
    row = get_import(actor, import_id)
    if row.status != ImportStatus.UPLOADED:
        return redirect(url_for(".show", import_id=import_id))
    beginning = _sent_beginning(actor, row)
    mapping = _sent_mapping(beginning)
    form_type = _form_type(actor, row, beginning, mapping)
    form = form_type(data=form_type.shown(mapping))  # what is asked only now has what is suggested
    form.follow_columns()
    number = request.form.get("row") or request.form.get("shown_row") or ""
    return make_response(_page(actor, row, beginning, form, number=int(number[:4]) if number.isdecimal() else 1))


@imports.post("/imports/<uuid:import_id>/mapping/save")
@requires_any_of(permissions)
def save_mapping(import_id: UUID) -> Response:
    """Keep it under a name for the next file."""
    return _submit(import_id, _save)


@imports.get("/imports/<uuid:import_id>/preview")
@requires_any_of(permissions)
def preview(import_id: UUID) -> Response:
    """What the whole file would do, and the first rows as they would come in. While the former is worked out, the page
    asks for this again and again."""
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
    form = StartForm(formdata=None, seen=row.updated_at.isoformat())
    whole = whole_file(row)
    shown = render(
        "data/imports/preview.html",
        "data/imports/_whole.html",
        row=row,
        kind=importable(row.kind),
        labels=IMPORT.labels,
        found=found,
        whole=whole,
        changes=shown_changes(whole),
        errors=table_of(IMPORT_ERROR, actor),
        form=form,
    )
    return make_response(shown)


@imports.post("/imports/<uuid:import_id>/run")
@requires_any_of(permissions)
def run(import_id: UUID) -> Response:
    """Start the import; the worker does it."""
    actor, form = current_actor(), StartForm()
    get_import(actor, import_id)
    if not form.validate():  # the preview makes it anew
        return redirect(url_for(".preview", import_id=import_id))
    with submitted() as sent:
        workflow_service.start(actor, import_id, seen=form.seen_at, create_users=form.create_users.data)
        return redirect(url_for(".show", import_id=import_id))
    if sent.error:
        flash(str(sent.error.message), "warn")
    return redirect(url_for(".show" if isinstance(sent.error, AlreadyClaimed) else ".preview", import_id=import_id))


def _submit(import_id: UUID, act: Act) -> Response:
    """Do `act` with the mapping that was sent; what cannot be used is said beside its fields."""
    actor = current_actor()
    row = get_import(actor, import_id)
    beginning = _sent_beginning(actor, row)
    form = _form_type(actor, row, beginning, _sent_mapping(beginning))()
    with submitted(form, form.default_names) as sent:
        form.check()
        return act(actor, row, beginning, form, form.chosen(beginning.reading.options, beginning.mapping))
    if isinstance(sent.error, AlreadyClaimed):  # it has begun meanwhile, and takes no mapping any more
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
    flash(_("The mapping “%(name)s” is saved.", name=saved.name), "good")
    return redirect(url_for(".edit_mapping", import_id=row.id, saved=saved.id))


def _sent_beginning(actor: Actor, row: Import) -> Beginning:
    asked = Reading.parse({name: request.form.getlist(name) for name in Reading.model_fields})
    return begin_with_form(actor, row, asked, lambda place: request.form.get(f"column_{place}"))


def _form_type(actor: Actor, row: Import, beginning: Beginning, mapping: Mapping) -> type[MappingForm]:
    """The form for the columns as `mapping` has them: their words and dates are asked for."""
    columns, options, kind = beginning.columns, beginning.reading.options, importable(row.kind)
    if columns.problem is not None:
        return form_for(kind, Asked())
    path = storage().path(row.storage_key)
    written = written_dates(actor.organization_id, path, row.file_name, mapping, options)
    durations = duration_examples(mapping, columns)
    asked = Asked(
        header=columns.header,
        strange=(*strange_words(row, options, mapping), *unknown_people(actor, row, options, mapping)),
        dates=date_choices(() if _is_settled(beginning, mapping, written) else written.asks, mapping, columns),
        written=written.found,
        dated=date_columns(kind.dates, mapping.columns) if kind.dates else (),
        durations=durations,
        in_doubt=durations_in_doubt(mapping, durations),
    )
    return form_for(kind, asked)


def _is_settled(beginning: Beginning, mapping: Mapping, written: Formats) -> bool:
    """Whether somebody has said already which is the day in the columns that are chosen: in a saved mapping, or when
    they were here before."""
    dates, before = importable(mapping.kind).dates, beginning.mapping
    if dates is None or beginning.asks or not {*written.asks} & {*before.date_formats}:
        return False
    return date_columns(dates, before.columns) == date_columns(dates, mapping.columns)


def _sent_mapping(beginning: Beginning) -> Mapping:
    """What each column is to become, and which words mean yes, no and nothing, as the form that was sent says,
    whatever is wrong with it."""
    targets = importable(beginning.mapping.kind).targets
    sent = ((name, request.form.get(f"column_{place}")) for place, name in enumerate(beginning.columns.header))
    columns = {name: one for name, one in sent if one in targets}
    lists = ("yes_words", "no_words", "missing_words")
    words = {name: parts_of(request.form[name]) for name in lists if name in request.form}
    return beginning.mapping.model_copy(update={"columns": columns, **words})


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
        errors=table_of(IMPORT_ERROR, actor),
        differences=differences,
        saved_mappings=[(str(one.id), one.name) for one in list_mappings(actor, kind)],
        encodings=list(ENCODING_NAMES.items()),
        delimiters=list(DELIMITER_NAMES.items()),
    )


def _one_row(actor: Actor, row: Import, beginning: Beginning, form: MappingForm, number: int) -> OneRow | None:
    """None as long as the choices make no rows."""
    if beginning.columns.problem is not None or form.gaps or not form.can_be_read():
        return None
    try:
        mapping = form.chosen(beginning.reading.options, beginning.mapping)
        return look_at_row(row, mapping, get_organization(actor), number)
    except ValidationFailed:
        return None
