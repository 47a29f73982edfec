"""The declaration of a side panel by its feature; `app.declarations.side_panels` opens the panel.

A page with panels has two calls in its template and knows none of the panels:

    {% from "components/side_panel.html" import panel_links, side_panel with context %}
    {{ panel_links("call") }}
    {% block beside %}{{ side_panel("call", call.id) }}{% endblock %}
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from app.errors import LazyText
from app.security.actor import Actor
from app.security.permissions import Permission


@dataclass(frozen=True, slots=True)
class PanelSubject:
    """A record whose page shows a panel.

    `kind` is the name of its resource, `done` the id of the row that the panel's form created.
    """

    kind: str
    id: UUID
    done: UUID | None = None


#: Renders the content of a panel. Raises NotFound or Forbidden if there is none for this record.
Render: TypeAlias = Callable[[Actor, PanelSubject], str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SidePanel:
    """A side panel; `name` is used in addresses, `label` is the text of its button and its title.

    `kinds` are the names of the resources whose pages can open it. It is offered to people with `permission`; its own
    queries and services check again. Unless it `is_in_head`, another element of the page opens it.
    """

    name: str
    label: LazyText
    icon: str
    permission: Permission
    kinds: frozenset[str]
    render: Render
    is_in_head: bool = True
