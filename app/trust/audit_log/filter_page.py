"""Labels for the filters of `/audit`: for its pickers and for the chips of active filters."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from app.lists.filter_words import chip_words
from app.lists.listing import ChipText
from app.lists.period_links import OF_THE_PERIOD
from app.security.actor import Actor
from app.trust.audit_log.filters import SYSTEM, AuditFilters
from app.trust.audit_log.name_queries import UNKNOWN_RECORD, record_named
from app.trust.audit_log.people_queries import find_actor_label, list_people
from app.trust.audit_log.resource import AUDIT_ENTRY, AUDIT_LIST
from app.trust.audit_log.words import (
    GROUPS,
    action_options,
    action_sentence,
    field_label,
    field_options,
    group_label,
    resource_label,
    resource_options,
)
from app.web import formatting

Option = tuple[str, str]


@dataclass(frozen=True, slots=True)
class FilterBar:
    """Values for the filter template.

    They are the options of each picker, where "" stands for any; `kept` holds the period, which is chosen in another
    control. `words` returns the chips' labels from the rows of the page, which often have the name of a chip's record.
    """

    people: Sequence[Option]
    actions: Sequence[Option]
    kinds: Sequence[Option]
    fields: Sequence[Option]
    kept: Mapping[str, str]
    words: Callable[[Sequence[Any]], Mapping[str, ChipText]]


def filter_bar_of(actor: Actor, filters: AuditFilters, outsider: str | None = None) -> FilterBar:
    """Return the filter bar.

    Its picker of people offers the system, the organization's users, including deleted ones, and the platform's staff
    who acted in it. `outsider` is the name of a user outside the organization whom the filters name.
    """
    people = [("", _("Any")), (SYSTEM, _("The system")), *list_people(actor)]
    person, actions = str(filters.actor or ""), ",".join(filters.action)
    if isinstance(filters.actor, UUID) and person not in dict(people):
        people.append((person, outsider or find_actor_label(actor, filters.actor) or _("Someone no longer here")))
    return FilterBar(
        people=tuple(people),
        actions=_with(action_options(), actions, ", ".join(map(_action, filters.action))),
        kinds=_with(resource_options(), filters.resource_type, resource_label(filters.resource_type)),
        fields=_with(field_options(), filters.field, field_label(filters.field)),
        kept={name: value for name, value in filters.parameters().items() if name in OF_THE_PERIOD},
        words=partial(_chip_words, actor, filters, dict(people)),
    )


def offered_to(actor: Actor) -> Mapping[str, Sequence[Option]]:
    """Return the options of each picker, by its name."""
    return {
        "actor": [(SYSTEM, _("The system")), *list_people(actor)],
        "action": action_options(),
        "resource_type": resource_options(),
        "field": field_options(),
    }


def _with(found: Sequence[Option], value: str, text: str) -> tuple[Option, ...]:
    """Return "any" followed by the options, with the current `value` appended if it is not among them."""
    missing = [(value, text)] if value and value not in dict(found) else []
    return ("", _("Any")), *found, *missing


def _action(name: str) -> str:
    return group_label(name) if name in GROUPS else action_sentence(name)


def _chip_words(
    actor: Actor, filters: AuditFilters, people: Mapping[str, str], rows: Sequence[Any]
) -> dict[str, ChipText]:
    record = record_named(actor, filters.record, rows) if filters.record else UNKNOWN_RECORD
    own: Mapping[str, Callable[[str], str]] = {
        "actor": lambda value: people.get(value, value),
        "action": _action,
        "resource_type": resource_label,
        "resource_id": lambda value: formatting.contact_name(record.name) or value,
        "field": field_label,
    }
    return chip_words(AUDIT_ENTRY, AUDIT_LIST, own)
