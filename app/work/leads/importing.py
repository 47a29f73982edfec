"""Files of leads."""

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
from app.work.leads.import_rules import LeadReader, LeadSettings
from app.work.leads.import_service import LEAD_FIELDS, LEADS, check_leads, settle_leads, staged_columns, store_leads
from app.work.leads.import_target_rules import TARGETS, LeadTarget, gaps

LEADS_IMPORT = Importable(
    kind=ImportKind.LEADS,
    label=_l("Leads"),
    title=_l("Import leads"),
    note=lambda zone: _(
        "A number, address or company finds its contact; what nobody is becomes one. Times are read as times of your "
        "organization (%(zone)s). The same file twice changes nothing.",
        zone=zone,
    ),
    page=("leads.index", _l("Open leads")),
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
    usual_hint=_l("Of leads for which the file does not say it."),
    dates=Dates(moment=LeadTarget.CREATED_AT, date="", others=(LeadTarget.LAST_ACTIVITY_AT, LeadTarget.CLOSED_AT)),
    constants={LeadTarget.AGENT: (), LeadTarget.CSR: ()},
    unsaid={
        LeadTarget.EXTERNAL_ID: _l("No column has the id of a lead: a row that says the same is the same lead."),
        LeadTarget.AGENT: _l("No column names the sales rep: these leads will be assigned to nobody."),
        "stage": _l("No column says how far a lead is: choose below what it is."),
        LeadTarget.CREATED_AT: _l("No column says when a lead was created: it counts as created when it comes in."),
    },
    people=People(
        target=LeadTarget.AGENT,
        name_of=lambda lead: lead.agent,
        match=match_reps,
        choices=people_by_address,
        spellings=one_spelling_each,
        becomes=_l("Whoever is created becomes a sales rep, or a CSR, as the column says."),
    ),
)
