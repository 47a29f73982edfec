"""Content of a contact's page: the contact, open items, and the timeline with labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any
from urllib.parse import quote
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.declarations.person import TimelineEntry, TimelineFilter
from app.errors import LazyText
from app.lists.facts import Fact, facts_of
from app.models import ContactCard
from app.security.actor import Actor
from app.security.permissions import Permission
from app.web.labels import label
from app.work.contacts.duplicate_queries import Alike
from app.work.contacts.resource import CONTACT_CARD
from app.work.contacts.timeline_queries import Line, Timeline

_STORIES: Mapping[TimelineFilter, LazyText] = {
    TimelineFilter.CALLS: _l("Calls"),
    TimelineFilter.TEXTS: _l("Messages"),
    TimelineFilter.APPOINTMENTS: _l("Appointments"),
    TimelineFilter.LEADS: _l("Leads"),
    TimelineFilter.TASKS: _l("Tasks"),
    TimelineFilter.NOTES: _l("Notes"),
    TimelineFilter.CHANGES: _l("Changes"),
}

#: Labels of fields that differ from the list, or are not in the list.
_FIELDS: Mapping[str, LazyText] = {
    "first_name": _l("First name"),
    "last_name": _l("Last name"),
    "country": _l("Country"),
    "sms_opt_out_at": _l("Texts"),
    "last_call_summary": _l("Summary"),
    "primary_intent": _l("Contact’s request"),
    "risks": _l("Risks"),
    "property_snapshot": _l("Property"),
}
#: Fields whose old and new values are shown. For the others, only the change itself is shown.
_DESCRIBED = frozenset(
    {
        "first_name", "last_name", "company_name", "primary_phone", "email", "address_line_1", "address_line_2", "city",
        "state", "zip", "country", "tags",
    }
)  # fmt: skip
#: Fields that change with others, or are only used internally.
_BESIDES = frozenset(
    {
        "version", "full_name", "name_key", "company_key", "custom_metadata", "external_source", "external_id",
        "external_fingerprint", "deleted_at", "deleted_by", "deletion_batch_id", "created_by", "created_by_label",
    }
)  # fmt: skip

#: Reasons why two contacts could be the same person.
_REASONS: Mapping[str, LazyText] = {
    "email": _l("same email"),
    "address": _l("same address and last name"),
    "zip": _l("same name and ZIP or postal code"),
}

_MAPS = "https://www.google.com/maps/search/?api=1&query="


@dataclass(frozen=True, slots=True)
class Change:
    """A changed field, with labels. Values that aren't shown are None."""

    field: str
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """An item of the timeline or of the open items, with labels.

    A change has the IP `address` and the ID of the `request` that made it, for users who can read the audit trail.
    """

    entry: TimelineEntry
    at: datetime
    href: str | None = None
    changes: Sequence[Change] = ()
    address: str | None = None
    request: str | None = None

    @property
    def is_planned(self) -> bool:
        """True if the item is in the future."""
        return self.at > datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A possible duplicate of the contact, and why."""

    id: UUID
    name: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab that filters the timeline."""

    label: LazyText
    href: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class ContactPage:
    """Values for the template of a contact."""

    contact: ContactCard
    alike: Sequence[Suggestion]
    numbers: Sequence[str]
    open: Sequence[Item]
    days: Sequence[tuple[date, Sequence[Item]]]
    tabs: Sequence[Tab]
    newest: str | None
    older: str | None

    @property
    def facts(self) -> Sequence[Fact]:
        """The fields that are declared as facts."""
        return facts_of(CONTACT_CARD, self.contact)

    @property
    def place(self) -> Sequence[str]:
        """Lines of the contact's address."""
        card = self.contact
        region = " ".join(filter(None, (card.state, card.zip)))
        town = ", ".join(filter(None, (card.city, region)))
        return [line for line in (card.address_line_1, card.address_line_2, town) if line]

    @property
    def map_href(self) -> str:
        """URL of a map with the address."""
        return _MAPS + quote(", ".join(self.place))

    @property
    def home(self) -> str:
        """Details of the contact's property in one line, such as "year built: 1990, stories: 2"."""
        known = ((name, value) for name, value in self.contact.property_snapshot.items() if _is_plain(value))
        return ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in known)

    @property
    def source(self) -> str:
        """Label of the contact's source."""
        return label(self.contact.source, "ContactSource")


def contact_page(
    actor: Actor,
    contact: ContactCard,
    numbers: Sequence[str],
    waiting: Sequence[Line],
    timeline: Timeline,
    offered: Sequence[TimelineFilter],
    alike: Sequence[Alike],
    *,
    story: TimelineFilter | None,
    is_continued: bool,
) -> ContactPage:
    """Build the context of the contact's page as `actor` sees it."""
    items = [item for line in timeline.lines if (item := _item(actor, line))]
    zone = ZoneInfo(actor.timezone)

    def href(chosen: TimelineFilter | None, cursor: str | None = None) -> str:
        return url_for("contacts.show", contact_id=contact.id, story=chosen, cursor=cursor)

    return ContactPage(
        contact=contact,
        alike=[
            Suggestion(one.id, one.name, ", ".join(str(_REASONS[reason]) for reason in one.reasons)) for one in alike
        ],
        numbers=numbers,
        open=[item for line in waiting if (item := _item(actor, line))],
        days=[(day, list(of_day)) for day, of_day in groupby(items, lambda item: item.at.astimezone(zone).date())],
        tabs=[
            Tab(_("All"), href(None), story is None),
            *(Tab(_STORIES[one], href(one), one is story) for one in offered),
        ],
        newest=href(story) if is_continued else None,
        older=href(story, timeline.older) if timeline.older else None,
    )


def _item(actor: Actor, line: Line) -> Item | None:
    """Build the item of a line, or return None if there is nothing to show."""
    if line.change is not None:
        return _changed(actor, line)
    person = line.resource.person if line.resource else None
    if person is None or line.facts is None:
        return None
    href = None
    if line.page is not None:
        endpoint, argument, row_id = line.page
        values: dict[str, Any] = {argument: row_id}
        href = url_for(endpoint, **values)
    return Item(person.words(line.facts), line.at, href)


def _changed(actor: Actor, line: Line) -> Item | None:
    entry = line.change
    if entry is None:
        return None
    who, done = entry.actor_label, entry.action.rpartition(".")[2]
    titles = {
        "created": _("Added by %(name)s", name=who),
        "deleted": _("Deleted by %(name)s", name=who),
        "restored": _("Restored by %(name)s", name=who),
        "merged": _("Merged with another contact by %(name)s", name=who),
    }
    changes = [_change(name, *values) for name, values in entry.changes.items() if name not in _BESIDES]
    if done not in titles and not changes:
        return None
    icons = {"created": "user-plus", "deleted": "trash-2", "restored": "archive-restore", "merged": "git-merge"}
    icon = icons.get(done, "pencil")
    told = TimelineEntry(titles.get(done) or _("Changed by %(name)s", name=who), icon)
    merge = entry.facts.get("merge") if done == "merged" and actor.may(Permission.CONTACTS_MERGE) else None
    href = url_for("merging.show_merge", contact_merge_id=merge) if merge else None
    shown = changes if done not in titles or done == "merged" else ()
    return Item(told, line.at, href, shown, entry.ip_address, entry.request_id)


def _change(name: str, before: Any, after: Any) -> Change:
    words = str(_FIELDS.get(name) or CONTACT_CARD.recorded.get(name) or name.replace("_", " ").capitalize())
    return Change(words, _shown(before), _shown(after)) if name in _DESCRIBED else Change(words)


def _shown(value: Any) -> str:
    return (", ".join(map(str, value)) if isinstance(value, list) else str(value or "")) or "–"


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)
