"""Declaration of the import of appointments."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.data.imports.moment_rules import Clock
from app.declarations.importable import Importable, People
from app.models import ImportKind
from app.people.users.import_name_rules import first_person, name_for_word, word_for_name
from app.people.users.queries import match_reps, people_by_address
from app.people.users.rules import one_spelling_each
from app.security.permissions import Permission
from app.work.appointments.import_paid_rules import PAID
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
from app.work.contacts.import_person_rules import PersonTarget

APPOINTMENTS_IMPORT = Importable(
    kind=ImportKind.APPOINTMENTS,
    label=_l("Appointments"),
    title=_l("Import appointments"),
    note=lambda zone: _(
        "Rows are matched to contacts by number, email, company or name, and a new contact is created "
        "when none matches. Times are in your organization’s time zone (%(zone)s), and importing the "
        "same file twice changes nothing.",
        zone=zone,
    ),
    page=("appointments.index", _l("Go to appointments")),
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
                organization.currency,
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
    usual_hint=_l("Used for appointments with no value in the file."),
    dates=DATES,
    once=PAID,
    constants={
        VisitTarget.SERVICE: (),
        VisitTarget.AGENT: (),
        VisitTarget.DATE: (VisitTarget.START,),
        VisitTarget.TIME: (VisitTarget.START,),
    },
    numbers=(VisitTarget.DURATION, VisitTarget.DEAL_VALUE),
    durations=(VisitTarget.DURATION,),
    usual_units={VisitTarget.DURATION: "minutes"},
    missing_notices={
        VisitTarget.EXTERNAL_ID: _l(
            "No appointment ID column: rows with the same values count as the same appointment."
        ),
        VisitTarget.AGENT: _l("No sales rep column: these appointments will be unassigned."),
        VisitTarget.END: _l("No end or duration column: appointments are assumed to last an hour."),
        "status": _l("No status column: choose a status below for all appointments."),
    },
    phones=(PersonTarget.PHONE,),
    people=People(
        target=VisitTarget.AGENT,
        name_of=lambda visit: visit.agent,
        match=match_reps,
        choices=people_by_address,
        spellings=one_spelling_each,
        becomes=_l("New people become sales reps or CSRs, depending on the column."),
        named=lambda word: name_for_word(first_person(word)),
        word_of=word_for_name,
    ),
)
