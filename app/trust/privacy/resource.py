"""Declaration of erasures: names, visibility, list and fields."""

from flask_babel import lazy_gettext as _l

from app.declarations.field import Choice, Column, Field, Moment, Priority
from app.declarations.listed import Listed
from app.declarations.resource import Resource, Words
from app.declarations.stored import entered_on_page, not_entered
from app.models import Erasure, ErasureStatus
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope
from app.trust.privacy.filters import ErasureFilters
from app.trust.privacy.queries import SORTS, erasure_list

ERASURE_LIST = Listed(
    name="erasures",
    label=_l("Erasures"),
    endpoint="privacy.erasures",
    permission=Permission.CONTACTS_ERASE,
    filters=ErasureFilters,
    query=erasure_list,
    sorts=SORTS,
    pickers=("status",),
    keeps_views=False,
)


ERASURE = Resource(
    name="erasure",
    model=Erasure,
    words=Words(_l("erasure of a person"), _l("erasures of people")),
    icon="eraser",
    scope=Scope((Permission.CONTACTS_ERASE,), own_rows.nothing),
    listed=ERASURE_LIST,
    stored=(
        not_entered(
            "The page shows the contact that a person erases.", "contact_card_id", "requested_by", "requested_by_label"
        ),
        entered_on_page("reason"),
        not_entered(
            "The job that erases the data records it.",
            "status",
            "counts",
            "places_done",
            "places_total",
            "erased_at",
            "files",
            "failure",
            "finished_at",
        ),
    ),
    fields=(
        Field("created_at", _l("Requested"), Moment(), Column(is_fixed=True, is_whole=True), recorded=()),
        Field(
            "status",
            _l("Status"),
            Choice(ErasureStatus, {"queued": "neutral", "running": "info", "completed": "good", "failed": "bad"}),
            Column(),
        ),
        Field("requested_by", _l("By"), column=Column(Priority.WIDE), shows="requested_by_label", recorded=()),
        Field("reason", _l("Reason"), column=Column()),
        Field("finished_at", _l("Finished"), Moment(), Column(Priority.WIDER, is_whole=True), recorded=()),
    ),
)
