"""Declaration of the import of calls."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.declarations.importable import Importable, Overlapping, People
from app.models import ImportKind
from app.people.users.import_name_rules import name_for_word, word_for_name
from app.people.users.queries import match_people, people_by_address
from app.people.users.rules import one_spelling_each
from app.security.permissions import Permission
from app.work.calls.import_direction_rules import undecided
from app.work.calls.import_number_queries import number_plan
from app.work.calls.import_overlap_queries import overlap_of_calls
from app.work.calls.import_rules import CallReader, CallSettings
from app.work.calls.import_service import (
    CALL_FIELDS,
    CALLS,
    check_calls,
    finish_calls,
    settle_calls,
    staged_columns,
    store_calls,
)
from app.work.calls.import_target_rules import (
    CHANNELS,
    CONSTANTS,
    DATES,
    DURATIONS,
    ENDS,
    LEFT_OUT,
    TARGETS,
    CallTarget,
    gaps,
)
from app.work.contacts.number_queries import numbers_of_contacts
from app.work.phone_numbers.queries import numbers_of

CALLS_IMPORT = Importable(
    kind=ImportKind.CALLS,
    label=_l("Calls"),
    title=_l("Import calls"),
    note=lambda zone: _(
        "Times are in your organization’s time zone (%(zone)s). Importing the same file twice changes nothing.",
        zone=zone,
    ),
    page=("calls.index", _l("Go to calls")),
    rows_template="work/calls/_imported_rows.html",
    permission=Permission.CALLS_IMPORT,
    own=TARGETS,
    gaps=gaps,
    reader=lambda mapping, table, organization: (
        CallReader(
            mapping,
            table,
            CallSettings(
                ZoneInfo(mapping.timezone or organization.timezone),
                mapping.country or organization.country,
                datetime.now(UTC),
                organization.currency,
                numbers_of(organization.id),
            ),
            CALL_FIELDS,
        ).read
    ),
    records=CALLS,
    columns=staged_columns,
    check=check_calls,
    settle=settle_calls,
    store=store_calls,
    finish=finish_calls,
    fields=CALL_FIELDS.all,
    usual_hint=_l("Used for calls with no value in the file."),
    dates=DATES,
    numbers=(*DURATIONS, CallTarget.SATISFACTION, CallTarget.COST, CallTarget.VALUE),
    durations=DURATIONS,
    lasting=CallTarget.TALK_TIME,
    phones=(
        CallTarget.CALLER_NUMBER,
        CallTarget.CALLED_NUMBER,
        CallTarget.CUSTOMER_NUMBER,
        CallTarget.OWN_NUMBER,
    ),
    ratings=(CallTarget.SATISFACTION,),
    flags=(CallTarget.ANSWERED, CallTarget.RESOLVED),
    needed=(CallTarget.ANSWERED,),
    costs=(CallTarget.COST,),
    constants=CONSTANTS,
    left_out=LEFT_OUT,
    channels=CHANNELS,
    several_per_id=CallTarget.EXTERNAL_ID,
    ends=replace(ENDS, registered=numbers_of, of_contacts=numbers_of_contacts),
    once=undecided(number_plan),
    overlapping=Overlapping(overlap_of_calls, _l("another start time or caller")),
    missing_notices={
        CallTarget.AGENT: _l("No agent column: these calls won’t be credited to anyone."),
        CallTarget.SPEED_OF_ANSWER: _l("No wait time column: wait times will be unknown and won’t count in averages."),
    },
    computed={CallTarget.SPEED_OF_ANSWER: (CallTarget.ANSWERED_AT,)},
    people=People(
        target=CallTarget.AGENT,
        name_of=lambda call: call.agent,
        match=match_people,
        choices=people_by_address,
        spellings=one_spelling_each,
        becomes=_l("New people become CSRs."),
        named=name_for_word,
        word_of=word_for_name,
    ),
)
