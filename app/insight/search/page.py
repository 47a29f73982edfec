"""Search results: records, commands and pages, in groups, the best first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from markupsafe import Markup

from app.declarations.field import Moment
from app.declarations.navigation import all_places, organization_tabs
from app.declarations.registry import registry
from app.declarations.resource import Resource
from app.insight.search.queries import MIN_LETTERS, find_matches, kinds_for
from app.insight.search.rank_rules import Match, grouped, is_nearly, label_distance
from app.lists.cells import draw
from app.security.actor import Actor
from app.web import formatting
from app.web.drawing import unbroken

#: Number of hits shown per group.
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Hit:
    """A page to open or, if `is_done_at_once`, a command to POST.

    `line` is shown below the title, `keys` are a shortcut.
    """

    title: Markup | str
    icon: str
    href: str
    line: tuple[Markup | str, ...] = ()
    is_done_at_once: bool = False
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HitGroup:
    """Hits of one kind.

    `all_href` is the address of the list with all hits; None if all are shown here, or if no list can show them.
    """

    name: str
    label: str
    hits: tuple[Hit, ...]
    distance: int
    all_href: str | None = None


@dataclass(frozen=True, slots=True)
class SearchPage:
    """The results for `typed`; `searched` names the kinds that were searched.

    `is_close_only` means that nothing matches exactly, only similar words.
    """

    typed: str
    groups: tuple[HitGroup, ...]
    searched: tuple[str, ...]
    is_close_only: bool

    @property
    def number(self) -> int:
        """The number of hits shown."""
        return sum(len(group.hits) for group in self.groups)

    @property
    def is_too_short(self) -> bool:
        """True if too little was typed to search for records."""
        return 0 < len(self.typed) < MIN_LETTERS


def search_page(actor: Actor, typed: str) -> SearchPage:
    """Return everything that `typed` finds for `actor`; if it is empty, the available commands and pages."""
    kinds = kinds_for(actor)
    matches = find_matches(actor, typed)
    groups = [*_groups_of_records(actor, kinds, matches, typed), *_groups_of_the_app(actor, typed)]
    groups.sort(key=lambda group: group.distance)
    return SearchPage(
        typed=typed,
        groups=tuple(groups),
        searched=tuple(kind.words.plural_label for kind in kinds),
        is_close_only=bool(groups) and is_nearly(groups[0].distance),
    )


def _groups_of_records(
    actor: Actor, kinds: Sequence[Resource], matches: Iterable[Match], typed: str
) -> Iterable[HitGroup]:
    by_name = {kind.name: kind for kind in kinds}
    for name, found in grouped(matches, list(by_name)).items():
        kind, best = by_name[name], found[0].distance
        yield HitGroup(
            name=name,
            label=kind.words.plural_label,
            hits=tuple(_hit(kind, match) for match in found[:SHOWN]),
            distance=best,
            all_href=_list_of(actor, kind, typed) if len(found) > SHOWN and not is_nearly(best) else None,
        )


def _hit(kind: Resource, match: Match) -> Hit:
    row = match.row
    endpoint, argument = kind.page or ("", "")
    # A record without a name is titled by its kind: an unknown number, a lead without a contact.
    title = unbroken(formatting.phone(row.title)) if row.title else kind.words.label
    told = kind.found.told if kind.found else None
    line: tuple[Markup | str, ...] = (str(told),) if told else _line(kind, row.title, row.line)
    if match.spoken:
        line += (_("The caller said: “%(words)s”", words=match.spoken.words),)
    return Hit(title, kind.icon, url_for(endpoint, **{argument: row.id}), line)


def _line(kind: Resource, title: str, values: Mapping[str, Any]) -> tuple[Markup | str, ...]:
    """Return the known values, formatted as in lists, without the one that is already the title."""
    return tuple(
        draw(kind, name, datetime.fromisoformat(value) if isinstance(kind.field(name).kind, Moment) else value)
        for name, value in values.items()
        if value not in (None, "", title)
    )


def _list_of(actor: Actor, kind: Resource, typed: str) -> str | None:
    listed = kind.listed
    if listed is None or not actor.may(listed.permission) or "q" not in listed.filters.model_fields:
        return None
    return url_for(listed.endpoint, q=typed)


def _groups_of_the_app(actor: Actor, typed: str) -> Iterable[HitGroup]:
    for name, label, offered in (("do", _("Actions"), _commands(actor)), ("go", _("Go to"), _places(actor))):
        near = [(label_distance(typed, words), hit) for words, hit in offered]
        found = sorted(((distance, hit) for distance, hit in near if distance is not None), key=lambda one: one[0])
        if found:
            yield HitGroup(name, label, tuple(hit for _distance, hit in found[: _most(typed)]), found[0][0])


def _most(typed: str) -> int | None:
    """Return the maximum number of hits per group; None if nothing is typed and everything is offered."""
    return SHOWN if typed else None


def _commands(actor: Actor) -> list[tuple[str, Hit]]:
    """Return the commands that the actor can run, with the words that find them.

    Empty while viewing as another user.
    """
    commands = () if actor.viewer else registry().commands
    return [
        (
            f"{one.label} {one.words or ''}",
            Hit(str(one.label), one.icon, url_for(one.endpoint), is_done_at_once=one.is_done_at_once),
        )
        for one in commands
        if actor.may(one.permission)
    ]


def _places(actor: Actor) -> list[tuple[str, Hit]]:
    """Return the pages that the actor can open, without duplicates."""
    there = {item.href: item for item in reversed((*all_places(actor), *organization_tabs(actor)))}
    return [
        (item.label, Hit(item.label, item.icon, item.href, keys=("g", item.shortcut) if item.shortcut else ()))
        for item in reversed(there.values())
    ]
