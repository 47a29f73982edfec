"""The missed-call queue, and one entry of it."""

from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request
from flask_babel import gettext as _

from app.db.ids import uuid7
from app.errors import FieldError, ValidationFailed
from app.lists.filter_words import chip_words
from app.lists.listing import given_parameters, name_among, render_list, show_list
from app.lists.tools_page import list_tools
from app.models import EntryStatus, RescuedBy
from app.people.users.queries import csr_choices
from app.security.actor import Actor, current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.forms import Form
from app.web.labels import hour_label, options
from app.work.missed_calls.detail_queries import get_entry_detail
from app.work.missed_calls.filters import EntryDate, EntryFilters, Tab
from app.work.missed_calls.forms import BlockForm, CreditForm, DismissForm, TextForm
from app.work.missed_calls.page import LONG_AGO, TABS, entry_page, queue_page
from app.work.missed_calls.queries import count_since, entry_list
from app.work.missed_calls.resource import MISSED_CALL_ENTRY, MISSED_CALL_LIST

missed_calls = Blueprint("missed_calls", __name__)

_OWN = ("sla_due_at", "first_missed_at", "caller", "status", "tried", "claimed_by")


@missed_calls.get("/missed-calls")
@requires(Permission.MISSED_CALLS_READ)
def index() -> Response:
    """The queue of the organization, what is due next first."""
    actor = current_actor()
    choices = csr_choices(actor)
    filters = EntryFilters.parse(given_parameters())
    own = {
        "tab": lambda value: str(TABS[Tab(value)]),
        "csr": name_among(choices),
        "rescuer": lambda _value: str(_("by me")),
        "hour": lambda value: hour_label(int(value)),
        "date_of": lambda _value: str(_("the end")),
    }
    words = chip_words(MISSED_CALL_ENTRY, MISSED_CALL_LIST, own)
    del words["tab"]  # the tabs say it
    if filters.date_of is EntryDate.MISSED:
        del words["date_of"]  # what it is about unless somebody asks otherwise
    now = datetime.now(UTC)
    listing = show_list(entry_list(actor, filters, now), "missed_calls.index", words)
    return render_list(
        "work/missed_calls/index.html",
        "work/missed_calls/_list.html",
        listing,
        tools=list_tools(actor, MISSED_CALL_ENTRY, MISSED_CALL_LIST, listing, own=_OWN),
        queue=queue_page(actor, filters, listing, now),
        statuses=options(EntryStatus),
        rescuers=options(RescuedBy),
        now=now,
    )


@missed_calls.get("/missed-calls/news")
@requires(Permission.MISSED_CALLS_READ)
def news() -> Response:
    """How many callers have come since a page was opened, for its bar; nothing new is answered with 304."""
    try:
        since = datetime.fromisoformat(request.args.get("since", LONG_AGO.isoformat())).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValidationFailed([FieldError("since", _("Reload the page."))]) from None
    count = count_since(current_actor(), since)
    response = make_response(render_template("work/missed_calls/_news.html", count=count))
    response.set_etag(f"{count}")
    response.make_conditional(request)
    return response


@missed_calls.get("/missed-calls/<uuid:entry_id>")
@requires(Permission.MISSED_CALLS_READ)
def show(entry_id: UUID) -> str:
    """One caller: why they called, what was tried, and what can be done."""
    return shown(current_actor(), entry_id)


def shown(actor: Actor, entry_id: UUID, submitted: Form | None = None) -> str:
    """The page of an entry, with a form that was refused in the place of its own."""
    detail = get_entry_detail(actor, entry_id)
    stored = detail.stored
    forms: dict[str, Form] = {
        "text": TextForm.new(
            body=_(
                "Hello, this is %(company)s. We missed your call. When may we call you back?",
                company=actor.organization_name,
            )
        ),
        "dismiss": DismissForm(formdata=None, version=stored.version),
        "block": BlockForm(formdata=None, row_id=str(uuid7())),
        "credit": CreditForm(
            formdata=None,
            rescued_by=stored.rescued_by or "",
            user_id=str(stored.rescued_by_user_id or ""),
            version=stored.version,
        ),
    }
    if submitted is not None:
        forms |= {name: submitted for name, form in forms.items() if type(form) is type(submitted)}
    credit = forms["credit"]
    if isinstance(credit, CreditForm):
        credit.offer(csr_choices(actor))
    return render_template(
        "work/missed_calls/show.html", shown=entry_page(actor, detail, datetime.now(UTC)), forms=forms
    )
