"""Files of deals."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.declarations.importable import Dates, Importable, People
from app.models import ImportKind
from app.people.users.queries import match_reps, people_by_address
from app.people.users.rules import one_spelling_each
from app.security.permissions import Permission
from app.work.deals.import_rules import DealReader, DealSettings
from app.work.deals.import_service import DEAL_FIELDS, DEALS, check_deals, settle_deals, staged_columns, store_deals
from app.work.deals.import_target_rules import TARGETS, DealTarget, gaps

DEALS_IMPORT = Importable(
    kind=ImportKind.DEALS,
    label=_l("Deals"),
    title=_l("Import deals"),
    note=lambda _zone: _(
        "A deal that was won or lost becomes a visit with its closed lead, an open one a lead. "
        "The same file twice changes nothing."
    ),
    page=("appointments.index", _l("Open appointments")),
    rows_template="work/deals/_imported_rows.html",
    permission=Permission.DEALS_IMPORT,
    own=TARGETS,
    gaps=gaps,
    reader=lambda mapping, table, organization: (
        DealReader(
            mapping,
            table,
            DealSettings(ZoneInfo(mapping.timezone or organization.timezone), datetime.now(UTC)),
            DEAL_FIELDS,
        ).read
    ),
    records=DEALS,
    columns=staged_columns,
    check=check_deals,
    settle=settle_deals,
    store=store_deals,
    fields=DEAL_FIELDS.all,
    dates=Dates(date=DealTarget.CLOSED_ON, others=(DealTarget.ENGAGED_ON,)),
    constants={DealTarget.AGENT: (), DealTarget.PRODUCT: (), DealTarget.CLOSED_ON: ()},
    numbers=(DealTarget.DEAL_VALUE,),
    unsaid={
        DealTarget.EXTERNAL_ID: _l("No column has the id of a deal: a row that says the same is the same deal."),
        DealTarget.AGENT: _l("No column names the sales rep: these deals will be credited to nobody."),
        DealTarget.ACCOUNT: _l("No column names the company: these deals belong to no contact."),
        DealTarget.CLOSED_ON: _l("No column says when a deal was closed: those that were won or lost cannot come in."),
    },
    people=People(
        target=DealTarget.AGENT,
        name_of=lambda deal: deal.agent,
        match=match_reps,
        choices=people_by_address,
        spellings=one_spelling_each,
        becomes=_l("Whoever is created becomes a sales rep."),
    ),
)
