"""The notifications page: the list by day, its tabs, and the table of choices."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from flask_babel import get_locale
from flask_babel import gettext as _

from app.declarations.notice import Notice
from app.lists.listing import address
from app.messaging.notifications.filters import NotificationFilters
from app.messaging.notifications.forms import ChoicesForm
from app.messaging.notifications.queries import Item, NotificationPage, get_own_row, list_offered, shown_choices
from app.security.actor import Actor
from app.web import formatting


@dataclass(frozen=True, slots=True)
class Day:
    """Notifications of one day in the organization's time zone."""

    label: str
    items: Sequence[Item]


@dataclass(frozen=True, slots=True)
class NotificationsPage:
    """The template context of the notifications page.

    `kinds` are the options of the picker; `form` is None for a guest.
    """

    days: Sequence[Day]
    filters: NotificationFilters
    tabs: Sequence[tuple[str, str, bool, str | None]]
    kinds: Sequence[tuple[str, str]]
    offered: Sequence[Notice]
    form: ChoicesForm | None
    newer: str | None
    older: str | None
    here: str


def notifications_page(
    actor: Actor, filters: NotificationFilters, told: NotificationPage, now: datetime, form: ChoicesForm | None = None
) -> NotificationsPage:
    """Build the context for one page of the list; `form` is a submitted form with errors, if any."""
    given = filters.parameters()
    offered = list_offered(actor)
    return NotificationsPage(
        days_of(told.items, actor.timezone, now),
        filters,
        _tabs(given, actor),
        [("", _("Any")), *((notice.kind, str(notice.label)) for notice in offered)],
        offered,
        form or _form(actor, offered),
        newer=_href({**given, "cursor": told.newer}) if told.newer else None,
        older=_href({**given, "cursor": told.older}) if told.older else None,
        here=_href(given),
    )


def days_of(items: Iterable[Item], timezone: str, now: datetime) -> list[Day]:
    """Group the items, which are ordered newest first, by day."""
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    return [
        Day(_day_label(day, today), list(theirs))
        for day, theirs in groupby(items, key=lambda item: item.told_at.astimezone(zone).date())
    ]


def _day_label(day: date, today: date) -> str:
    ago = (today - day).days
    if ago == 0:
        return str(_("Today"))
    return str(_("Yesterday")) if ago == 1 else formatting.long_date(day, get_locale())


def _tabs(given: dict[str, str], actor: Actor) -> list[tuple[str, str, bool, str | None]]:
    of_kind = {name: value for name, value in given.items() if name == "kind"}
    is_unread = given.get("state") == "unread"
    return [
        (_("All"), _href(of_kind), not is_unread, None),
        (_("Unread"), _href({**of_kind, "state": "unread"}), is_unread, actor.counts.text("unread") or None),
    ]


def _form(actor: Actor, offered: list[Notice]) -> ChoicesForm | None:
    if actor.reference_id is None:
        return None
    person = get_own_row(actor)
    return ChoicesForm(formdata=None, version=person.version, ways=shown_choices(person, offered)).of(offered)


def _href(parameters: dict[str, str]) -> str:
    return address("notifications.index", parameters)
