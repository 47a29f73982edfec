"""Targets for the columns of a file of deals."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from app.declarations.field import Choice, Field, Imported
from app.declarations.importable import LeftOut, Target
from app.errors import FieldError
from app.models.leads import DealStage
from app.work.contacts.import_person_rules import PERSON_TARGETS, PersonTarget
from app.work.contacts.import_target_rules import CODE_NAMES


class DealTarget(StrEnum):
    """Targets for the columns of a deal, in addition to its contact and its stage."""

    EXTERNAL_ID = "external_id"
    AGENT = "agent"
    PRODUCT = "product"
    ACCOUNT = "account"
    ENGAGED_ON = "engaged_on"
    CLOSED_ON = "closed_on"
    DEAL_VALUE = "deal_value"
    LOST_REASON = "lost_reason"


# In a file of deals, a name or number without further words is the deal's.
_OF_THE_DEAL = frozenset({"name", "number"})
_PERSON = {
    name: replace(target, names=tuple(one for one in target.names if one not in _OF_THE_DEAL))
    for name, target in PERSON_TARGETS.items()
    if name != PersonTarget.COMPANY_NAME
}
# Headers used by other systems; docs/imports.md lists their documentation.
TARGETS: Mapping[str, Target] = {
    DealTarget.EXTERNAL_ID: Target(
        _l("Deal ID"),
        ("opportunity id", "deal id", "external id", "record id", "opportunity number", "deal number",
         "deal pipedrive system id", "id"),
    ),
    DealTarget.AGENT: Target(
        _l("Sales rep"),
        ("sales agent", "sales rep", "salesperson", "sales person", "opportunity owner", "deal owner", "account owner",
         "owner", "rep", "agent", "assigned to", "seller"),
    ),
    DealTarget.PRODUCT: Target(
        _l("Service"),
        ("product", "product name", "service", "service type", "job type", "deal type", "opportunity type", "deal name",
         "deal title"),
    ),
    DealTarget.ACCOUNT: Target(
        _l("Company"),
        ("account", "account name", "company", "company name", "organization", "deal organization",
         "associated company", "associated company names", "customer"),
        code_names=CODE_NAMES,
    ),
    DealTarget.ENGAGED_ON: Target(
        _l("Started on"),
        ("engage date", "engaged on", "created date", "create date", "date created", "deal created",
         "deal creation date", "start date", "open date"),
    ),
    DealTarget.CLOSED_ON: Target(
        _l("Closed on"),
        ("close date", "closed on", "deal closed on", "closed date", "date closed", "won lost date", "end date"),
    ),
    DealTarget.DEAL_VALUE: Target(
        _l("Value"), ("close value", "deal value", "amount", "value", "deal amount", "won value", "revenue")
    ),
    DealTarget.LOST_REASON: Target(
        _l("Lost reason"),
        ("lost reason", "closed lost reason", "deal lost reason", "loss reason", "reason lost", "reason for loss"),
    ),
    **_PERSON,
}  # fmt: skip

# The default stages of HubSpot (by label and internal name), Pipedrive and Salesforce, beside the usual words.
_STAGE_WORDS = {
    **dict.fromkeys(("prospecting", "open", "contact_made"), DealStage.NEW),
    **dict.fromkeys(
        ("engaging", "qualification", "qualified_to_buy", "qualifiedtobuy", "appointment_scheduled",
         "appointmentscheduled", "presentation_scheduled", "presentationscheduled", "decision_maker_bought_in",
         "decisionmakerboughtin", "contract_sent", "contractsent", "demo_scheduled", "proposal_made",
         "negotiations_started", "needs_analysis", "value_proposition", "id._decision_makers", "perception_analysis",
         "proposal/price_quote", "negotiation/review"),
        DealStage.QUALIFIED,
    ),
    **dict.fromkeys(("closed_won", "closedwon"), DealStage.WON),
    **dict.fromkeys(("closed_lost", "closedlost"), DealStage.LOST),
}  # fmt: skip

_PROGRESS_NAMES = ("deal stage", "stage", "opportunity stage", "sales stage", "pipeline stage", "stage name")
#: Progress of a deal. Other systems have more stages before it is closed; the user is asked about unknown ones.
STAGE = Field(
    "stage",
    _l("Stage"),
    Choice(DealStage),
    imported=Imported(
        ("deal status", *_PROGRESS_NAMES),
        words=_STAGE_WORDS,
        is_needed=True,
    ),
)

#: How far an open deal is, if the file has another column that says whether it was won or lost.
PROGRESS = Field(
    "progress",
    _l("Stage of open deals"),
    Choice(DealStage),
    imported=Imported(_PROGRESS_NAMES, words=_STAGE_WORDS, values=(DealStage.NEW, DealStage.QUALIFIED)),
)

#: The types that HubSpot gives its deals say nothing about the service.
LEFT_OUT: Mapping[str, LeftOut] = {
    "deal type": LeftOut(
        _l("Says whether the customer is new, not which service"),
        words=frozenset({"newbusiness", "existingbusiness", "new business", "existing business"}),
        even_if_empty=True,
    ),
}


def gaps(given: frozenset[str]) -> tuple[FieldError, ...]:
    """Return an error for each target that importing deals requires and that isn't among `given`."""
    found = []
    if STAGE.name not in given:
        sentence = _l("Choose the column with the deal’s stage: won, lost or open.")
        found.append(FieldError(STAGE.name, sentence))
    if DealTarget.EXTERNAL_ID not in given and DealTarget.PRODUCT not in given:
        sentence = _l("Choose the column with the deal ID, or the one with the service.")
        found.append(FieldError(DealTarget.EXTERNAL_ID, sentence))
    return tuple(found)
