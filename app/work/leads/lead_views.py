"""Views of one lead: its page, its forms, and undoing a change."""

from uuid import UUID

from flask import Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.errors import Conflict
from app.lists.choices import Choice
from app.lists.listing import given_parameters
from app.models import Lead, LeadStage
from app.people.users.queries import csr_choices, list_colleagues
from app.phones import to_e164
from app.security.actor import Actor, current_actor
from app.security.guard import requires
from app.security.permissions import Permission, Role
from app.web.forms import submitted
from app.web.htmx import redirect
from app.web.labels import label
from app.web.redirects import local_path, page_before
from app.web.undo import back_to_the_page, flash_with_undo
from app.work.leads import create_service, rules, service
from app.work.leads.detail_queries import (
    find_contact_by_number,
    get_call,
    get_contact,
    get_lead,
    get_lead_detail,
    refuse_others_lead,
    visits_of,
)
from app.work.leads.filters import ForNewLead
from app.work.leads.forms import FEWEST, AssignForm, LeadForm, NewLeadForm, ReopenForm, StageForm
from app.work.leads.page import lead_page
from app.work.leads.views import leads


@leads.get("/leads/<uuid:lead_id>")
@requires(Permission.LEADS_READ)
def show(lead_id: UUID) -> str:
    actor = current_actor()
    return render_template("work/leads/show.html", shown=lead_page(actor, get_lead_detail(actor, lead_id)))


@leads.get("/leads/new")
@requires(Permission.LEADS_WRITE)
def new() -> str:
    """Show the form for a new lead, for a contact or call if one is given."""
    actor, given = current_actor(), ForNewLead.parse(given_parameters())
    call = get_call(actor, given.call) if given.call else None
    contact_id = given.contact or (call.contact_card_id if call else None)
    return _new_page(actor, NewLeadForm.new(contact=contact_id or "", call=given.call or ""))


@leads.post("/leads/new")
@requires(Permission.LEADS_WRITE)
def create() -> Response:
    actor, form = current_actor(), NewLeadForm()
    contact_id, call_id = form.begun_with
    if contact_id is not None:
        form.for_known_contact()
    with submitted(form, rules.FORM_FIELDS) as sent:
        form.check()
        if contact_id is None:
            contact_id = _contact_of_number(actor, form)
        if contact_id is not None:
            lead = create_service.create(actor, form.new_id, form.given(contact_id, call_id))
            flash(_("Lead added."), "good")
            return redirect(url_for(".show", lead_id=lead.id))
    return make_response(_new_page(actor, form, sent.error), 400 if sent.error is None else sent.status)


@leads.get("/leads/<uuid:lead_id>/edit")
@requires(Permission.LEADS_WRITE)
def edit(lead_id: UUID) -> str:
    actor = current_actor()
    lead = get_lead(actor, lead_id)
    form = LeadForm.of(lead)
    form.offer(_credited(actor))
    return _form_page(actor, lead_id, "work/leads/edit.html", form)


@leads.post("/leads/<uuid:lead_id>/edit")
@requires(Permission.LEADS_WRITE)
def update(lead_id: UUID) -> Response:
    actor, form = current_actor(), LeadForm()
    lead = get_lead(actor, lead_id)
    form.offer(_credited(actor))
    with submitted(form, rules.FORM_FIELDS) as sent:
        form.check()
        version = lead.version
        lead = service.edit(actor, lead_id, form.given(lead), version=form.opened_with)
        _flash_change(lead, _("Lead saved."), version)
        return redirect(url_for(".show", lead_id=lead_id))
    return make_response(_form_page(actor, lead_id, "work/leads/edit.html", form, sent.error), sent.status)


@leads.get("/leads/<uuid:lead_id>/stage")
@requires(Permission.LEADS_WRITE)
def edit_stage(lead_id: UUID) -> str:
    """Show the form that moves a lead to another stage, preset to the one in `?stage=`."""
    actor = current_actor()
    lead = get_lead(actor, lead_id)
    wanted = request.args.get("stage", "")
    form = StageForm.of(lead, wanted if wanted in list(LeadStage) else lead.stage, page_before() or "")
    return _stage_page(actor, lead, form)


@leads.post("/leads/<uuid:lead_id>/stage")
@requires(Permission.LEADS_WRITE)
def update_stage(lead_id: UUID) -> Response:
    """Move a lead to another stage, from the form, from a card's menu, or by dragging its card."""
    actor, form = current_actor(), StageForm()
    lead = get_lead(actor, lead_id)
    version = lead.version
    with submitted(form, rules.FORM_FIELDS) as sent:
        form.check()
        lead = service.set_stage(actor, lead_id, form.given, version=form.opened_with)
        _flash_change(lead, _("Moved to %(stage)s.", stage=label(lead.stage, "LeadStage")), version)
        return _back(form.back.data, lead)
    return make_response(_stage_page(actor, lead, form, sent.error), sent.status)


@leads.post("/leads/<uuid:lead_id>/reopen")
@requires(Permission.LEADS_WRITE)
def reopen(lead_id: UUID) -> Response:
    """Reopen a dead lead, in the stage that follows from its appointments or else its qualification."""
    actor, form = current_actor(), ReopenForm()
    version = get_lead(actor, lead_id).version
    with submitted(form) as sent:
        form.check()
        lead = service.reopen(actor, lead_id, version=form.opened_with)
        _flash_change(
            lead, _("Lead reopened. Its stage is now %(stage)s.", stage=label(lead.stage, "LeadStage")), version
        )
        return back_to_the_page("leads.index")
    return _refused(lead_id, sent.error)


@leads.get("/leads/<uuid:lead_id>/assign")
@requires(Permission.LEADS_ASSIGN)
def edit_assignment(lead_id: UUID) -> str:
    actor = current_actor()
    form = AssignForm.of(get_lead(actor, lead_id), page_before() or "")
    form.offer(_reps(actor))
    return _form_page(actor, lead_id, "work/leads/assign.html", form)


@leads.post("/leads/<uuid:lead_id>/assign")
@requires(Permission.LEADS_ASSIGN)
def update_assignment(lead_id: UUID) -> Response:
    """Assign a lead to a rep, to no one, or to the rep whose turn it is."""
    actor, form = current_actor(), AssignForm()
    version = get_lead(actor, lead_id).version
    reps = _reps(actor)
    form.offer(reps)
    with submitted(form, rules.FORM_FIELDS) as sent:
        form.check()
        if form.rep.data == FEWEST:
            lead = service.assign_in_turn(actor, lead_id, [rep.id for rep in reps], version=form.opened_with)
        else:
            lead = service.assign(actor, lead_id, form.chosen, version=form.opened_with)
        name = next((rep.name for rep in reps if rep.id == lead.assigned_rep_id), None)
        _flash_change(lead, _("Assigned to %(name)s.", name=name) if name else _("Unassigned."), version)
        return _back(form.back.data, lead)
    return make_response(_form_page(actor, lead_id, "work/leads/assign.html", form, sent.error), sent.status)


@leads.post("/leads/<uuid:lead_id>/undo")
@requires(Permission.LEADS_WRITE)
def undo(lead_id: UUID) -> Response:
    """Undo the user's last change; `?version=` is the version after that change."""
    with submitted() as sent:
        service.undo(current_actor(), lead_id, version=request.args.get("version", 0, type=int))
        flash(_("Undone."), "good")
        return back_to_the_page("leads.index")
    return _refused(lead_id, sent.error)


def _refused(lead_id: UUID, error: Exception | None) -> Response:
    """Show the error of a button, which has no form of its own, on the lead's page with its current state."""
    flash(getattr(error, "sentence", ""), "bad")
    return redirect(url_for(".show", lead_id=lead_id))


def _flash_change(lead: Lead, done: str, version: int) -> None:
    """Report a change, with undo only if something has changed."""
    if lead.version == version:
        flash(done, "good")
    else:
        flash_with_undo(done, url_for(".undo", lead_id=lead.id, version=lead.version))


def _back(back: str | None, lead: Lead) -> Response:
    """Redirect to the page `back`, at the lead's card if it has one there, or else to the lead's page."""
    page = local_path(back)
    return redirect(f"{page}#lead-{lead.id}" if page else url_for(".show", lead_id=lead.id))


def _contact_of_number(actor: Actor, form: NewLeadForm) -> UUID | None:
    number = to_e164(form.number.data or "", actor.country)
    contact = find_contact_by_number(actor, number) if number else None
    if contact is None:
        form.refuse_number(_("No contact has this number. Add the contact first."))
    return contact.id if contact else None


def _new_page(actor: Actor, form: NewLeadForm, error: Exception | None = None) -> str:
    contact_id, call_id = form.begun_with
    contact = get_contact(actor, contact_id) if contact_id else None
    if contact is not None and "number" in form:
        form.for_known_contact()
    call = get_call(actor, call_id) if call_id else None
    return render_template("work/leads/new.html", form=form, contact=contact, call=call, open_lead=_open_lead(error))


def _open_lead(error: Exception | None) -> str | None:
    """Return the ID of the open lead that a Conflict names, or None if the user can't see that lead."""
    found: str | None = error.extra.get("lead_id") if isinstance(error, Conflict) else None
    return found


def _stage_page(actor: Actor, lead: Lead, form: StageForm, error: Exception | None = None) -> str:
    form.offer([lead.stage, *rules.stages_by_hand(lead, visits_of(actor.organization_id, lead.id))])
    return _form_page(actor, lead.id, "work/leads/stage.html", form, error)


def _form_page(
    actor: Actor, lead_id: UUID, template: str, form: StageForm | AssignForm | LeadForm, error: Exception | None = None
) -> str:
    refuse_others_lead(actor, lead_id, Permission.LEADS_WRITE)
    shown = lead_page(actor, get_lead_detail(actor, lead_id))
    return render_template(template, shown=shown, form=form, open_lead=_open_lead(error))


def _credited(actor: Actor) -> tuple[Choice, ...] | None:
    return csr_choices(actor) if actor.may(Permission.LEADS_ASSIGN) else None


def _reps(actor: Actor) -> list[Choice]:
    return [Choice(rep.id, rep.name) for rep in list_colleagues(actor, (), (Role.SALES_REP,))]
