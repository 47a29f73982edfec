"""What a feature has, said once in its `feature.py`; `app.features` lists all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, TypeAlias

from flask import Blueprint

from app.declarations.bulk import BulkChange
from app.declarations.checked import Check, Repair
from app.declarations.command import Command
from app.declarations.deletable import Deletable, Handover
from app.declarations.exportable import Export
from app.declarations.importable import Importable
from app.declarations.job import Job
from app.declarations.letter import LetterKind
from app.declarations.notice import Notice
from app.declarations.open_work import Work
from app.declarations.panel import Panel
from app.declarations.personal import Personal
from app.declarations.place import Place
from app.declarations.resource import Resource
from app.declarations.retained import Retained
from app.declarations.shortcut import Shortcut
from app.declarations.viewed import ViewedPage

#: Answers an event, whose type differs.
Handler: TypeAlias = Callable[[Any], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One folder of the product.

    `pages` are the modules that add routes to `blueprint`, `shortcuts` the keys that its pages answer to,
    `commands` what can be begun from every page, `viewed` pages beside its lists of which named views are kept.
    `deletes` and `handovers`, `retains`, `works`, `personal`, `checks` and `repairs` are what only one machine needs of
    its records: how they are deleted and what goes back with them, how long they are kept, what of them can be handed
    over, which of them are about a contact, what is looked after and mended; they stand in `trash.py`, `retention.py`,
    `open_work.py`, `privacy.py` and `integrity.py`. `notices` are what it tells people of, `letters`
    mails that are made when they are sent. `panels` open beside pages of others. `handles` are types of events
    (`app.declarations.events`) with what answers them. With `is_for_development` it is left out in production.
    """

    blueprint: Blueprint | None = None
    pages: tuple[ModuleType, ...] = ()
    navigation: tuple[Place, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()
    commands: tuple[Command, ...] = ()
    resources: tuple[Resource, ...] = ()
    viewed: tuple[ViewedPage, ...] = ()
    exports: tuple[Export, ...] = ()
    bulk: tuple[BulkChange, ...] = ()
    imports: tuple[Importable, ...] = ()
    jobs: tuple[Job, ...] = ()
    deletes: tuple[Deletable, ...] = ()
    handovers: tuple[Handover, ...] = ()
    retains: tuple[Retained, ...] = ()
    works: tuple[Work, ...] = ()
    personal: tuple[Personal, ...] = ()
    checks: tuple[Check, ...] = ()
    repairs: tuple[Repair, ...] = ()
    notices: tuple[Notice, ...] = ()
    letters: tuple[LetterKind, ...] = ()
    panels: tuple[Panel, ...] = ()
    handles: Mapping[type[Any], Handler] = field(default_factory=dict)
    is_for_development: bool = False
