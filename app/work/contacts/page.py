"""What the page of a contact shows: the card, what is open, and the timeline in words."""

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

from app.declarations.person import Story, Told
from app.errors import Sentence
from app.lists.facts import Fact, facts_of
from app.models import ContactCard
from app.security.actor import Actor
from app.security.permissions import Permission
from app.web.labels import label
from app.work.contacts.duplicate_queries import Alike
from app.work.contacts.resource import CONTACT_CARD
from app.work.contacts.timeline_queries import Line, Timeline

_STORIES: Mapping[Story, Sentence] = {
    Story.CALLS: _l("Calls"),
    Story.TEXTS: _l("Messages"),
    Story.APPOINTMENTS: _l("Appointments"),
    Story.LEADS: _l("Leads"),
    Story.TASKS: _l("Tasks"),
    Story.NOTES: _l("Notes"),
    Story.CHANGES: _l("Changes"),
}

#: What is called otherwise than in the list, or not there.
_FIELDS: Mapping[str, Sentence] = {
    "first_name": _l("First name"),
    "last_name": _l("Last name"),
    "country": _l("Country"),
    "sms_opt_out_at": _l("Texts"),
    "last_call_summary": _l("In short"),
    "primary_intent": _l("Wants"),
    "risks": _l("To mind"),
    "property_snapshot": _l("Home"),
}
#: Of these what was and what is are told; of the others, that they changed.
_TOLD = frozenset(
    {
        "first_name", "last_name", "company_name", "primary_phone", "email", "address_line_1", "address_line_2", "city",
        "state", "zip", "country", "tags",
    }
)  # fmt: skip
#: What changes along with something else, or for machines only.
_BESIDES = frozenset(
    {
        "version", "full_name", "name_key", "company_key", "custom_metadata", "external_source", "external_id",
        "external_fingerprint", "deleted_at", "deleted_by", "deletion_batch_id", "created_by", "created_by_label",
    }
)  # fmt: skip

#: Why two contacts may be the same person.
_REASONS: Mapping[str, Sentence] = {
    "email": _l("the same e-mail"),
    "address": _l("the same address and last name"),
    "zip": _l("the same name and ZIP or postal code"),
}

_MAPS = "https://www.google.com/maps/search/?api=1&query="


@dataclass(frozen=True, slots=True)
class Change:
    """A field that changed, in words; values that are not told are None."""

    field: str
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the timeline, or of what is open, in words. `request` is told to those who read the trail."""

    told: Told
    at: datetime
    href: str | None = None
    changes: Sequence[Change] = ()
    address: str | None = None
    request: str | None = None

    @property
    def is_planned(self) -> bool:
        """Whether it is still to come."""
        return self.at > datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A contact that may be the same person, and why."""

    id: UUID
    name: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Tab:
    """A way to narrow the timeline."""

    label: Sentence
    href: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class ContactPage:
    """Everything that the template of a contact gets."""

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
        """The fields that are declared facts."""
        return facts_of(CONTACT_CARD, self.contact)

    @property
    def place(self) -> Sequence[str]:
        """The address in its lines."""
        card = self.contact
        region = " ".join(filter(None, (card.state, card.zip)))
        town = ", ".join(filter(None, (card.city, region)))
        return [line for line in (card.address_line_1, card.address_line_2, town) if line]

    @property
    def map_href(self) -> str:
        """Where a map shows the address."""
        return _MAPS + quote(", ".join(self.place))

    @property
    def home(self) -> str:
        """What is known of the building, as it was written down."""
        known = ((name, value) for name, value in self.contact.property_snapshot.items() if _is_plain(value))
        return ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in known)

    @property
    def source(self) -> str:
        """Where the contact came from, in words."""
        return label(self.contact.source, "ContactSource")


def contact_page(
    actor: Actor,
    contact: ContactCard,
    numbers: Sequence[str],
    waiting: Sequence[Line],
    timeline: Timeline,
    offered: Sequence[Story],
    alike: Sequence[Alike],
    *,
    story: Story | None,
    is_continued: bool,
) -> ContactPage:
    """The page as `actor` sees it."""
    items = [item for line in timeline.lines if (item := _item(actor, line))]
    zone = ZoneInfo(actor.timezone)

    def href(chosen: Story | None, cursor: str | None = None) -> str:
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
    """None for a change of nothing that people know."""
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
    told = Told(titles.get(done) or _("Changed by %(name)s", name=who), icon)
    merge = entry.facts.get("merge") if done == "merged" and actor.may(Permission.CONTACTS_MERGE) else None
    href = url_for("merging.show_merge", contact_merge_id=merge) if merge else None
    shown = changes if done not in titles or done == "merged" else ()
    return Item(told, line.at, href, shown, entry.ip_address, entry.request_id)


def _change(name: str, before: Any, after: Any) -> Change:
    words = str(_FIELDS.get(name) or CONTACT_CARD.recorded.get(name) or name.replace("_", " ").capitalize())
    return Change(words, _shown(before), _shown(after)) if name in _TOLD else Change(words)


def _shown(value: Any) -> str:
    return (", ".join(map(str, value)) if isinstance(value, list) else str(value or "")) or "–"


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)
