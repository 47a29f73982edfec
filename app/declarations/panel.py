"""A panel beside a page, declared by the feature whose it is; `app.declarations.beside` opens it.

A page that has panels says so twice in its template, and knows none of them:

    {% from "components/side_panel.html" import panel_links, side_panel with context %}
    {{ panel_links("call", call.id) }}
    {% block beside %}{{ side_panel("call", call.id) }}{% endblock %}
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from app.errors import Sentence
from app.security.actor import Actor
from app.security.permissions import Permission


@dataclass(frozen=True, slots=True)
class Beside:
    """The record whose page a panel stands beside, `kind` being the name of its resource; `done` came of its form."""

    kind: str
    id: UUID
    done: UUID | None = None


#: The inside of a panel. Raises NotFound or Forbidden where there is none for this record.
Render: TypeAlias = Callable[[Actor, Beside], str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Panel:
    """A panel. `name` stands in addresses, `label` on its button and as its title; `kinds` are the resources beside
    whose pages it opens. Who has `permission` is offered it; its own queries and services check again. One that is not
    `is_in_head` is opened from a place of its own in the page."""

    name: str
    label: Sentence
    icon: str
    permission: Permission
    kinds: frozenset[str]
    render: Render
    is_in_head: bool = True
