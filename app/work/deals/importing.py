"""Declaration of the import of deals."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.declarations.importable import Dates, Importable, People
from app.models import ImportKind
from app.people.users.import_name_rules import name_for_word, word_for_name
from app.people.users.queries import match_reps, people_by_address
from app.people.users.rules import one_spelling_each
from app.security.permissions import Permission
from app.work.contacts.import_person_rules import PersonTarget
from app.work.deals.import_rules import DealReader, DealSettings
from app.work.deals.import_service import DEAL_FIELDS, DEALS, check_deals, settle_deals, staged_columns, store_deals
from app.work.deals.import_target_rules import LEFT_OUT, TARGETS, DealTarget, gaps

DEALS_IMPORT = Importable(
    kind=ImportKind.DEALS,
    label=_l("Deals"),
    title=_l("Import deals"),
    note=lambda _zone: _(
        "Won and lost deals become appointments with closed leads; open deals become leads. Importing "
        "the same file twice changes nothing."
    ),
    page=("appointments.index", _l("Go to appointments")),
    rows_template="work/deals/_imported_rows.html",
    permission=Permission.DEALS_IMPORT,
    own=TARGETS,
    gaps=gaps,
    reader=lambda mapping, table, organization: (
        DealReader(
            mapping,
            table,
            DealSettings(
                ZoneInfo(mapping.timezone or organization.timezone),
                datetime.now(UTC),
                mapping.country or organization.country,
                organization.currency,
            ),
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
    left_out=LEFT_OUT,
    missing_notices={
        DealTarget.EXTERNAL_ID: _l("No deal ID column: rows with the same values count as the same deal."),
        DealTarget.AGENT: _l("No sales rep column: these deals won’t be credited to anyone."),
        DealTarget.CLOSED_ON: _l("No closing date column: won and lost deals can’t be imported."),
    },
    phones=(PersonTarget.PHONE,),
    people=People(
        target=DealTarget.AGENT,
        name_of=lambda deal: deal.agent,
        match=match_reps,
        choices=people_by_address,
        spellings=one_spelling_each,
        becomes=_l("New people become sales reps."),
        named=name_for_word,
        word_of=word_for_name,
    ),
)
