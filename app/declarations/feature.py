"""The declaration of a feature, in its `feature.py`; `app.features` lists all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, TypeAlias

from flask import Blueprint

from app.declarations.api import Declared
from app.declarations.bulk import BulkChange
from app.declarations.checked import Check, Repair
from app.declarations.command import Command
from app.declarations.consumer import Consumer
from app.declarations.deletable import Deletable, Handover
from app.declarations.delivery import DeliveryHandler
from app.declarations.derived import Derived
from app.declarations.exportable import Export
from app.declarations.importable import Importable
from app.declarations.job import Job
from app.declarations.notice import Notice
from app.declarations.open_work import Work
from app.declarations.panel import SidePanel
from app.declarations.personal import Personal
from app.declarations.place import Place
from app.declarations.rendered_mail import MailKind
from app.declarations.resource import Resource
from app.declarations.retained import Retained
from app.declarations.setup_step import SetupStep
from app.declarations.shortcut import Shortcut
from app.declarations.viewed import ViewedPage

#: Handles an event; the type of its argument varies.
Handler: TypeAlias = Callable[[Any], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """A feature of the app, in a folder of its own.

    `pages` are the modules that add routes to `blueprint`, `shortcuts` the keys of its pages, `commands` the actions
    offered on every page, `viewed` the pages other than lists that can have saved views. `deletes` and `handovers`,
    `retains`, `works`, `personal`, `checks` and `repairs` each serve one mechanism: how records are deleted and what is
    reassigned, how long they are retained, which of them can be reassigned, which of them are about a contact, and
    which are checked and repaired. They are declared in `trash.py`, `retention.py`, `open_work.py`, `privacy.py` and
    `integrity.py`. `derived` are tables that can be computed again from others. `notices` are its kinds of
    notifications, `rendered_mails` its kinds of emails that are rendered when they are sent. `panels` open on pages of
    other features; the checklist for a new organization consists of all `setup` steps. `api` declares, in `api.py`,
    what programs can do with its resources. `handles` maps types of events (`app.declarations.events`) to their
    handlers. `deliveries` process events of providers; `consumers` work in the worker beside its jobs. A feature with
    `is_for_development` is omitted in production.
    """

    blueprint: Blueprint | None = None
    pages: tuple[ModuleType, ...] = ()
    navigation: tuple[Place, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()
    commands: tuple[Command, ...] = ()
    resources: tuple[Resource, ...] = ()
    viewed: tuple[ViewedPage, ...] = ()
    api: tuple[Declared, ...] = ()
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
    derived: tuple[Derived, ...] = ()
    notices: tuple[Notice, ...] = ()
    rendered_mails: tuple[MailKind, ...] = ()
    panels: tuple[SidePanel, ...] = ()
    setup: tuple[SetupStep, ...] = ()
    handles: Mapping[type[Any], Handler] = field(default_factory=dict)
    deliveries: tuple[DeliveryHandler, ...] = ()
    consumers: tuple[Consumer, ...] = ()
    is_for_development: bool = False
