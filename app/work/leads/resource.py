"""Resource of leads: labels, fields, list and access."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, func

from app.audit.actions import Action
from app.declarations.entered_fields import input_with
from app.declarations.field import Choice, Column, Field, FileColumn, Moment, Person, Phone, Priority
from app.declarations.found import Found
from app.declarations.listed import Listed
from app.declarations.merging import Furthest
from app.declarations.resource import Resource, Words
from app.declarations.revertible import Revertible, each
from app.models import Lead, LeadStage, Qualification
from app.people.users.queries import csr_choices, rep_choices
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope
from app.work.contacts.queries import CONTACT_FINDER, FOUND_BY
from app.work.contacts.resource import contact_title
from app.work.leads.column_resource import LEAD_COLUMNS
from app.work.leads.filters import LeadFilters
from app.work.leads.import_target_rules import QUALIFICATION, STAGE
from app.work.leads.merging_resource import LEAD_MERGING
from app.work.leads.person_resource import LEAD_PERSON
from app.work.leads.queries import SORTS, lead_list, number_of_lead
from app.work.leads.rules import LeadInput, NewLeadInput, StageInput

LEAD_LIST = Listed(
    name="leads",
    label=_l("Leads"),
    endpoint="leads.index",
    permission=Permission.LEADS_READ,
    filters=LeadFilters,
    query=lead_list,
    sorts=SORTS,
    bar_label=_l("Filter leads"),
    pickers=("qualification", "stage", "csr", "rep", "open"),
    also_offered={"qualification": (("hot,warm", _l("Hot or warm")),)},
    days=(_l("Contacted from"), _l("To")),
    filter_words={"q": FOUND_BY, "csr": _l("Contacted by"), "rep": _l("Assigned to"), "open": _l("Open")},
)


def lead_title() -> ColumnElement[Any]:
    """Return the name of the lead's contact, or else the number in the latest call about the lead."""
    return func.coalesce(contact_title(Lead)(), number_of_lead())


#: Fields that can be reverted from the audit trail, and that users can undo in their own last change.
LEAD_REVERT = Revertible(
    Action.LEAD_REVERTED,
    each(Permission.LEADS_WRITE, "stage", "closed_at", "won_at", "dead_reason", "source")
    | each(Permission.LEADS_WRITE, "qualification_status", "qualification_source")
    | each(Permission.LEADS_ASSIGN, "csr_id", "assigned_rep_id"),
    able=frozenset({"assigned_rep_id"}),
    inputs=(LeadInput, StageInput),
    accompanying=frozenset({"last_activity_at"}),
)

LEAD = Resource(
    name="lead",
    model=Lead,
    words=Words(
        _l("lead"), _l("leads"), lambda n, count: ngettext("%(count)s lead", "%(count)s leads", n, count=count)
    ),
    icon="flag",
    title=lead_title,
    page=("leads.show", "lead_id"),
    scope=Scope((Permission.LEADS_READ,), own_rows.leads),
    revert=LEAD_REVERT,
    listed=LEAD_LIST,
    found=Found(
        by=((CONTACT_FINDER, Lead.contact_card_id),),
        at=lambda: Lead.last_activity_at,
        line=lambda: {"stage": Lead.stage, "last_activity_at": Lead.last_activity_at},
        order=1,
    ),
    person=LEAD_PERSON,
    merging=LEAD_MERGING,
    merge_rules=(Furthest,),
    stored=LEAD_COLUMNS,
    fields=(
        Field(
            "contact",
            _l("Contact"),
            column=Column(is_fixed=True),
            shows="contact_name",
            recorded=("contact_card_id",),
            is_fact=True,
        ),
        Field("number", _l("Number"), Phone(), file=FileColumn(), shows="primary_phone", recorded=(), is_fact=True),
        Field(
            "qualification",
            _l("Qualification"),
            Choice(Qualification),
            Column(),
            imported=QUALIFICATION,
            shows="qualification_status",
            recorded=("qualification_status",),
            is_fact=True,
        ),
        Field("stage", _l("Stage"), Choice(LeadStage), Column(Priority.WIDE), imported=STAGE, is_fact=True),
        Field("dead_reason", _l("Reason"), recorded=(), is_fact=True),
        Field("closed_at", _l("Closed at"), Moment(), is_fact=True),
        Field("won_at", _l("Won"), Moment(), recorded=(), is_fact=True),
        Field(
            "csr",
            _l("CSR"),
            Person(csr_choices),
            Column(Priority.WIDER),
            shows="csr_name",
            recorded=("csr_id",),
            is_fact=True,
        ),
        Field(
            "rep",
            _l("Sales rep"),
            Person(rep_choices),
            Column(Priority.WIDEST),
            shows="rep_name",
            recorded=("assigned_rep_id",),
            is_fact=True,
        ),
        Field("source", _l("Source"), file=FileColumn(), is_fact=True),
        Field(
            "last_activity_at",
            _l("Last activity"),
            Moment(),
            Column(Priority.WIDE, is_whole=True),
            recorded=(),
            is_fact=True,
        ),
    ),
)

#: What people enter of a lead, and of a new one.
LEAD_INPUT = input_with(LEAD, LeadInput)
NEW_LEAD_INPUT = input_with(LEAD, NewLeadInput)
