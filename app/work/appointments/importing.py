"""Files of visits."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.data.imports.moment_rules import Clock
from app.declarations.importable import Importable, People
from app.models import ImportKind
from app.people.users.queries import match_reps, people_by_address
from app.people.users.rules import one_spelling_each
from app.security.permissions import Permission
from app.work.appointments.import_rules import VisitReader, VisitSettings
from app.work.appointments.import_service import (
    APPOINTMENT_FIELDS,
    VISITS,
    check_visits,
    settle_visits,
    staged_columns,
    store_visits,
)
from app.work.appointments.import_target_rules import DATES, TARGETS, VisitTarget, gaps

APPOINTMENTS_IMPORT = Importable(
    kind=ImportKind.APPOINTMENTS,
    label=_l("Appointments"),
    title=_l("Import appointments"),
    note=lambda zone: _(
        "A number, address or company finds its contact; what nobody is becomes one. Times are read as times of your "
        "organization (%(zone)s). The same file twice changes nothing.",
        zone=zone,
    ),
    page=("appointments.index", _l("Open appointments")),
    rows_template="work/appointments/_imported_rows.html",
    permission=Permission.DEALS_IMPORT,
    own=TARGETS,
    gaps=gaps,
    reader=lambda mapping, table, organization: (
        VisitReader(
            mapping,
            table,
            VisitSettings(
                Clock(ZoneInfo(mapping.timezone or organization.timezone), datetime.now(UTC)),
                mapping.country or organization.country,
            ),
            APPOINTMENT_FIELDS,
        ).read
    ),
    records=VISITS,
    columns=staged_columns,
    check=check_visits,
    settle=settle_visits,
    store=store_visits,
    fields=APPOINTMENT_FIELDS.all,
    usual_hint=_l("Of visits for which the file does not say it."),
    dates=DATES,
    constants={
        VisitTarget.SERVICE: (),
        VisitTarget.AGENT: (),
        VisitTarget.DATE: (VisitTarget.START,),
        VisitTarget.TIME: (VisitTarget.START,),
    },
    numbers=(VisitTarget.DURATION, VisitTarget.DEAL_VALUE),
    durations=(VisitTarget.DURATION,),
    usual_units={VisitTarget.DURATION: "minutes"},
    unsaid={
        VisitTarget.EXTERNAL_ID: _l("No column has the id of a visit: a row that says the same is the same visit."),
        VisitTarget.AGENT: _l("No column names the sales rep: these visits will be nobody’s."),
        VisitTarget.END: _l("No column says when a visit ends: without a duration it is taken as an hour."),
        "status": _l("No column says what became of a visit: choose below what it is."),
    },
    people=People(
        target=VisitTarget.AGENT,
        name_of=lambda visit: visit.agent,
        match=match_reps,
        choices=people_by_address,
        spellings=one_spelling_each,
        becomes=_l("Whoever is created becomes a sales rep, or a CSR, as the column says."),
    ),
)
