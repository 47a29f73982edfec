"""Declaration of the import of leads."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.data.imports.moment_rules import Clock
from app.declarations.importable import Dates, Importable, People
from app.models import ImportKind
from app.people.users.queries import match_reps, people_by_address
from app.people.users.rules import one_spelling_each
from app.security.permissions import Permission
from app.work.contacts.import_person_rules import PersonTarget
from app.work.leads.import_rules import LeadReader, LeadSettings
from app.work.leads.import_service import LEAD_FIELDS, LEADS, check_leads, settle_leads, staged_columns, store_leads
from app.work.leads.import_target_rules import TARGETS, LeadTarget, gaps

LEADS_IMPORT = Importable(
    kind=ImportKind.LEADS,
    label=_l("Leads"),
    title=_l("Import leads"),
    note=lambda zone: _(
        "Rows are matched to contacts by number, email, company or name, and a new contact is created "
        "when none matches. Times are in your organization’s time zone (%(zone)s), and importing the "
        "same file twice changes nothing.",
        zone=zone,
    ),
    page=("leads.index", _l("Go to leads")),
    rows_template="work/leads/_imported_rows.html",
    permission=Permission.DEALS_IMPORT,
    own=TARGETS,
    gaps=gaps,
    reader=lambda mapping, table, organization: (
        LeadReader(
            mapping,
            table,
            LeadSettings(
                Clock(ZoneInfo(mapping.timezone or organization.timezone), datetime.now(UTC)),
                mapping.country or organization.country,
            ),
            LEAD_FIELDS,
        ).read
    ),
    records=LEADS,
    columns=staged_columns,
    check=check_leads,
    settle=settle_leads,
    store=store_leads,
    fields=LEAD_FIELDS.all,
    usual_hint=_l("Used for leads with no value in the file."),
    dates=Dates(moment=LeadTarget.CREATED_AT, date="", others=(LeadTarget.LAST_ACTIVITY_AT, LeadTarget.CLOSED_AT)),
    constants={LeadTarget.AGENT: (), LeadTarget.CSR: ()},
    missing_notices={
        LeadTarget.EXTERNAL_ID: _l("No lead ID column: rows with the same values count as the same lead."),
        LeadTarget.AGENT: _l("No sales rep column: these leads will be unassigned."),
        "stage": _l("No stage column: choose a stage below for all leads."),
        LeadTarget.CREATED_AT: _l("No creation date column: the import date will be used."),
    },
    phones=(PersonTarget.PHONE,),
    people=People(
        target=LeadTarget.AGENT,
        name_of=lambda lead: lead.agent,
        match=match_reps,
        choices=people_by_address,
        spellings=one_spelling_each,
        becomes=_l("New people become sales reps or CSRs, depending on the column."),
    ),
)
