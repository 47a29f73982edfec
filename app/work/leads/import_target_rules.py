"""Targets for the columns of a file of leads, and words that other systems use for their stages."""

from collections.abc import Mapping
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from app.declarations.field import Imported
from app.declarations.importable import Target
from app.errors import FieldError
from app.models import LeadStage, Qualification
from app.work.contacts.import_person_rules import PERSON_TARGETS, PersonTarget


class LeadTarget(StrEnum):
    """Targets for the columns of a lead, in addition to its contact and the fields of the resource."""

    EXTERNAL_ID = "external_id"
    AGENT = "agent"
    CSR = "csr"
    CREATED_AT = "created_at"
    LAST_ACTIVITY_AT = "last_activity_at"
    CLOSED_AT = "closed_at"
    DEAD_REASON = "dead_reason"


# Headers used by other systems; docs/imports.md lists their documentation.
TARGETS: Mapping[str, Target] = {
    LeadTarget.EXTERNAL_ID: Target(
        _l("Lead ID"), ("lead id", "external id", "record id", "lead number", "id", "id лида", "lid id")
    ),
    LeadTarget.AGENT: Target(
        _l("Sales rep"),
        ("sales rep", "lead owner", "contact owner", "record owner", "owner", "salesperson", "sales agent", "rep",
         "assigned to", "assigned rep", "agent", "менеджер", "ответственный", "menejer"),
    ),
    LeadTarget.CSR: Target(
        _l("CSR"), ("csr", "csr name", "csr email", "operator", "taken by", "оператор", "operator nomi")
    ),
    LeadTarget.CREATED_AT: Target(
        _l("Created"),
        ("created at", "create date", "created date", "date created", "created on", "created", "lead date",
         "дата создания", "создан", "yaratilgan"),
    ),
    LeadTarget.LAST_ACTIVITY_AT: Target(
        _l("Last activity"),
        ("last activity", "last activity date", "last activity at", "last contacted", "last modified date",
         "last modified", "updated at", "последняя активность", "songgi faollik"),
    ),
    LeadTarget.CLOSED_AT: Target(
        _l("Closed on"),
        ("closed at", "closed on", "close date", "closed date", "date closed", "lost on", "дата закрытия",
         "yopilgan sana"),
    ),
    LeadTarget.DEAD_REASON: Target(
        _l("Lost reason"),
        ("dead reason", "lost reason", "closed reason", "close reason", "unqualified reason", "disqualified reason",
         "disqualification reason", "reason lost", "причина отказа", "rad sababi"),
    ),
    **PERSON_TARGETS,
}  # fmt: skip

_STAGE_WORDS = {
    **dict.fromkeys(
        ("open", "open_not_contacted", "not_contacted", "working", "working_contacted", "contacted", "connected",
         "attempted", "attempted_to_contact", "in_progress", "lead", "subscriber", "новый", "yangi"),
        LeadStage.NEW,
    ),
    **dict.fromkeys(
        ("closed_converted", "converted", "open_deal", "marketingqualifiedlead", "marketing_qualified_lead",
         "salesqualifiedlead", "sales_qualified_lead", "mql", "sql", "opportunity", "nurturing"),
        LeadStage.QUALIFIED,
    ),
    **dict.fromkeys(
        ("appointment_set", "appointment_scheduled", "scheduled", "meeting_booked"),
        LeadStage.BOOKED,
    ),
    **dict.fromkeys(
        ("undecided", "estimate_sent", "quote_sent", "quoted", "proposal_sent"),
        LeadStage.PENDING,
    ),
    **dict.fromkeys(
        ("closed_not_converted", "closed_lost", "lost", "unqualified", "disqualified", "not_interested", "junk",
         "rejected"),
        LeadStage.DEAD,
    ),
}  # fmt: skip

STAGE = Imported(
    ("lead status", "lead stage", "stage", "status", "lifecycle stage", "pipeline stage", "стадия", "статус", "holat"),
    words=_STAGE_WORDS,
    usual=LeadStage.NEW,
    otherwise="qualification",
)
QUALIFICATION = Imported(
    ("qualification", "lead rating", "rating", "temperature", "lead temperature", "lead quality", "квалификация"),
    words={
        "not_qualified": Qualification.UNQUALIFIED,
        "горячий": Qualification.HOT,
        "тёплый": Qualification.WARM,
        "теплый": Qualification.WARM,
        "холодный": Qualification.COLD,
    },
)


def gaps(given: frozenset[str]) -> tuple[FieldError, ...]:
    """Return an error if `given` has no target that identifies a lead or its contact."""
    if given & {LeadTarget.EXTERNAL_ID, *PersonTarget}:
        return ()
    sentence = _l("Choose a column that identifies the lead or its contact: a lead ID, name, company, number or email.")
    return (FieldError(LeadTarget.EXTERNAL_ID, sentence),)
