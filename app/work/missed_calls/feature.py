"""Declarations of the missed-call queue."""

from flask_babel import lazy_gettext as _l

from app.declarations.command import Command
from app.declarations.events import CallEnded, CallResumes, CallsChanged, CallStarts, ContactAdded
from app.declarations.feature import Feature
from app.declarations.place import Counted, Group, Place
from app.declarations.shortcut import Shortcut
from app.lists.export import list_export
from app.security.permissions import Permission
from app.work.missed_calls import api, jobs, open_work, privacy, resource, retention, views, work_views
from app.work.missed_calls.call_service import claim_for_call, count_as_try, take_back_try
from app.work.missed_calls.contact_service import name_missed_caller
from app.work.missed_calls.notices import CLAIM_ENDED, CLAIM_ENDING, FOLLOW_UP_ENDING
from app.work.missed_calls.opening_service import update_entries

#: The queue and the page of an entry.
_PAGES = frozenset({"missed_calls.index", "missed_calls.show"})

FEATURE = Feature(
    blueprint=views.missed_calls,
    pages=(views, work_views),
    exports=(list_export(resource.MISSED_CALL_ENTRY, resource.MISSED_CALL_LIST),),
    navigation=(
        Place(
            Group.WORK,
            "missed_calls.index",
            _l("Missed calls"),
            "phone-missed",
            Permission.MISSED_CALLS_READ,
            "m",
            counted=Counted.QUEUE,
        ),
    ),
    shortcuts=(
        Shortcut(
            keys=("c",),
            label=_l("Call the open or selected caller, or claim the next one"),
            permission=Permission.MISSED_CALLS_WORK,
            pages=_PAGES,
        ),
        Shortcut(
            keys=("b",),
            label=_l("Book an appointment for the open caller"),
            permission=Permission.APPOINTMENTS_WRITE,
            pages=_PAGES,
        ),
        Shortcut(
            keys=("n",),
            label=_l("Show new callers in the queue"),
            permission=Permission.MISSED_CALLS_READ,
            pages=frozenset({"missed_calls.index"}),
        ),
    ),
    commands=(
        Command(
            label=_l("Call next caller"),
            endpoint="missed_calls.claim_next",
            icon="phone-outgoing",
            permission=Permission.MISSED_CALLS_WORK,
            words=_l("claim missed call queue"),
            is_done_at_once=True,
        ),
    ),
    jobs=(jobs.lapse_claims,),
    notices=(CLAIM_ENDING, FOLLOW_UP_ENDING, CLAIM_ENDED),
    api=api.API,
    resources=(
        resource.MISSED_CALL_ENTRY,
        resource.MISSED_CALL_ATTEMPT,
        resource.BLOCKED_NUMBER,
    ),
    retains=(retention.MISSED_CALLS,),
    works=(open_work.CLAIMS,),
    personal=privacy.PERSONAL,
    handles={
        CallsChanged: update_entries,
        ContactAdded: name_missed_caller,
        CallStarts: claim_for_call,
        CallEnded: count_as_try,
        CallResumes: take_back_try,
    },
)
