"""The JSON API of leads."""

from app.declarations.api import Action, Api, Write, sample_id
from app.declarations.entered_fields import record_with, records_with
from app.errors import Conflict
from app.security.permissions import Permission
from app.trust.trash.delete_service import delete
from app.work.leads import create_service, service
from app.work.leads.queries import lead_records
from app.work.leads.record_service import assign_lead, change_lead
from app.work.leads.resource import LEAD, LEAD_INPUT, NEW_LEAD_INPUT
from app.work.leads.rules import StageInput
from app.work.leads.schemas import LeadAssignment, LeadRecord

LEADS = Api(
    LEAD,
    path="leads",
    key="lead",
    records=records_with(LEAD, lead_records),
    record=record_with(LEAD, LeadRecord),
    read=Permission.LEADS_READ,
    create=Write(
        Permission.LEADS_WRITE,
        create_service.create,
        NEW_LEAD_INPUT,
        example={"contactId": sample_id("contact_card"), "source": "import", "qualificationStatus": "warm"},
        errors=(Conflict,),
    ),
    change=Write(
        Permission.LEADS_WRITE,
        change_lead,
        LEAD_INPUT,
        example={"qualificationStatus": "hot"},
        errors=(Conflict,),
    ),
    delete=Write(Permission.LEADS_DELETE, lambda actor, lead_id: delete(actor, "lead", [lead_id])),
    actions=(
        Action(
            Permission.LEADS_WRITE,
            service.set_stage,
            StageInput,
            {"stage": "dead", "deadReason": "Bought from another company"},
            verb="stage",
            does="set",
            errors=(Conflict,),
            takes_version=True,
        ),
        Action(
            Permission.LEADS_ASSIGN,
            assign_lead,
            LeadAssignment,
            {"assignedRepId": sample_id("user", "sales_rep")},
            verb="assign",
            takes_version=True,
        ),
    ),
)

API = (LEADS,)
