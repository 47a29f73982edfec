"""The registry of everything that the features of an app declare; built once, by `create_app`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeVar

from flask import Flask, current_app

from app.declarations.api import Api, InsideApi, MoreActions, NoApi, Operation, Outside
from app.declarations.bulk import BulkChange
from app.declarations.checked import Check, Repair
from app.declarations.command import Command
from app.declarations.consistency import refuse_inconsistent
from app.declarations.consumer import Consumer
from app.declarations.deletable import Deletable, Handover, parents_first
from app.declarations.delivery import DeliveryHandler
from app.declarations.derived import Derived
from app.declarations.exportable import Archive, Export, ListExport
from app.declarations.feature import Feature, Handler
from app.declarations.importable import Importable
from app.declarations.job import Job
from app.declarations.notice import Notice
from app.declarations.open_work import Work, WorkKind
from app.declarations.panel import SidePanel
from app.declarations.personal import Personal
from app.declarations.place import Group, Place
from app.declarations.rendered_mail import MailKind
from app.declarations.resource import Resource
from app.declarations.retained import Retained
from app.declarations.setup_step import SetupStep
from app.declarations.shortcut import Shortcut
from app.declarations.stored_checks import refuse_unanswered
from app.declarations.viewed import Viewed
from app.security.permissions import Permission

_KEY = "switchboard_registry"

Declared = TypeVar("Declared")
Name = TypeVar("Name", bound=str)


@dataclass(frozen=True, slots=True, eq=False)
class Registry:
    """The declarations of all features; names are unique."""

    features: tuple[Feature, ...]
    resources: Mapping[str, Resource]
    resources_by_table: Mapping[str, Resource]
    #: Kinds that can be moved to the trash, by resource, parents before their children.
    deletes: Mapping[str, Deletable]
    #: Records that are reassigned when a row is deleted, by the row's resource.
    handovers: Mapping[str, Handover]
    #: By their name in the settings.
    retains: Mapping[str, Retained]
    #: Kinds of work that can be handed over, in the order on pages.
    works: Mapping[WorkKind, Work]
    #: Rows about a contact, in the order in which they are erased.
    personal: tuple[Personal, ...]
    checks: Mapping[str, Check]
    #: By their subject.
    repairs: Mapping[str, Repair]
    derived: tuple[Derived, ...]
    #: Kinds of notifications, in the order of the features.
    notices: Mapping[str, Notice]
    #: Mails that are rendered when they are sent, by name.
    rendered_mails: Mapping[str, MailKind]
    #: By name, in the order of the features.
    panels: Mapping[str, SidePanel]
    jobs: tuple[Job, ...]
    places: Mapping[Group, tuple[Place, ...]]
    #: Keyboard shortcuts, for the sheet that lists them.
    shortcuts: tuple[Shortcut, ...]
    commands: tuple[Command, ...]
    #: Steps of the setup of an organization, in their order.
    setup_steps: tuple[SetupStep, ...]
    #: Resources that the search covers, in order of priority.
    found: tuple[Resource, ...]
    #: Resource of each list, by the list's name in stored views.
    lists: Mapping[str, Resource]
    #: Lists and other pages that can have saved views, by the same name.
    viewed: Mapping[str, Viewed]
    #: Resource of each list, by the list's endpoint.
    listed: Mapping[str, Resource]
    #: JSON API of each resource, by its name.
    apis: Mapping[str, Api | InsideApi | NoApi]
    #: Actions that features add to the JSON API of a lower one.
    more_actions: tuple[MoreActions, ...]
    #: Operations of the JSON API that belong to no resource.
    operations: tuple[Operation, ...]
    #: Further permissions without which all that a permission opens in the JSON API is refused to API keys.
    reads: Mapping[Permission, frozenset[Permission]]
    #: Descriptions of routes of the JSON API that have views of their own.
    outside: tuple[Outside, ...]
    exports: Mapping[str, Export]
    bulk: Mapping[str, BulkChange]
    imports: Mapping[str, Importable]
    #: Handlers by type of event.
    handlers: Mapping[type[Any], tuple[Handler, ...]]
    #: Handlers of providers' events.
    deliveries: tuple[DeliveryHandler, ...]
    consumers: tuple[Consumer, ...]
    _jobs_by_name: Mapping[str, Job]

    @property
    def list_exports(self) -> dict[str, ListExport]:
        """Exports of lists, by kind."""
        return {kind: export for kind, export in self.exports.items() if isinstance(export, ListExport)}

    @property
    def archives(self) -> dict[str, Archive]:
        """Exports that are an archive of several files, by kind."""
        return {kind: export for kind, export in self.exports.items() if isinstance(export, Archive)}

    def has_key(self, endpoint: str, shortcut: Shortcut) -> bool:
        """Return whether the page at `endpoint` has the shortcut."""
        on_list = shortcut.on_lists and endpoint in self.listed
        return shortcut.is_everywhere or on_list or endpoint in shortcut.pages

    def job(self, name: str) -> Job | None:
        """Return the job with this name; None if this version of the app has none."""
        return self._jobs_by_name.get(name)


def build_registry(features: Iterable[Feature]) -> Registry:
    """Return the registry of these features.

    Raises ValueError for a duplicate name, and for declarations that would have no effect.
    """
    features = tuple(features)
    places = sorted((place for feature in features for place in feature.navigation), key=lambda place: place.order)
    resources = tuple(one for feature in features for one in feature.resources)
    jobs = tuple(job for feature in features for job in feature.jobs)
    works = _by_name((one for feature in features for one in feature.works), lambda one: one.kind)
    imports = _by_name((one for feature in features for one in feature.imports), lambda one: one.kind.value)
    api = tuple(one for feature in features for one in feature.api)
    operations = tuple(declared for declared in api if isinstance(declared, Operation))
    refuse_inconsistent(resources, imports)
    refuse_unanswered(resources, api)
    return Registry(
        features=features,
        resources=_by_name(resources, lambda one: one.name),
        resources_by_table=_by_name(resources, lambda one: one.model.__tablename__),
        deletes=parents_first(one for feature in features for one in feature.deletes),
        handovers=_by_name((one for feature in features for one in feature.handovers), lambda one: one.resource),
        retains=_by_name((one for feature in features for one in feature.retains), lambda one: one.kind),
        works={kind: works[kind] for kind in WorkKind if kind in works},
        personal=tuple(sorted((one for feature in features for one in feature.personal), key=lambda one: one.is_last)),
        checks=_by_name((one for feature in features for one in feature.checks), lambda one: one.name),
        repairs=_by_name((one for feature in features for one in feature.repairs), lambda one: one.subject),
        derived=tuple(tables for feature in features for tables in feature.derived),
        notices=_by_name((one for feature in features for one in feature.notices), lambda one: one.kind),
        rendered_mails=_by_name((one for feature in features for one in feature.rendered_mails), lambda one: one.mail),
        panels=_by_name((one for feature in features for one in feature.panels), lambda one: one.name),
        jobs=jobs,
        shortcuts=tuple(one for feature in features for one in feature.shortcuts),
        commands=tuple(one for feature in features for one in feature.commands),
        setup_steps=tuple(sorted((one for feature in features for one in feature.setup), key=lambda one: one.order)),
        found=_found(resources),
        places={group: tuple(place for place in places if place.group is group) for group in Group},
        lists={one.listed.name: one for one in resources if one.listed},
        viewed=_by_name(_viewed(features), lambda one: one.name),
        listed={one.listed.endpoint: one for one in resources if one.listed},
        apis=_by_name((one for one in api if isinstance(one, (Api, InsideApi, NoApi))), lambda one: one.resource.name),
        more_actions=tuple(one for one in api if isinstance(one, MoreActions)),
        operations=operations,
        reads=_reads(operations),
        outside=tuple(one for one in api if isinstance(one, Outside)),
        exports=_by_name((one for feature in features for one in feature.exports), lambda one: one.kind),
        bulk=_by_name((one for feature in features for one in feature.bulk), lambda one: one.action),
        imports=imports,
        handlers=_handlers(features),
        deliveries=tuple(handler for feature in features for handler in feature.deliveries),
        consumers=tuple(consumer for feature in features for consumer in feature.consumers),
        _jobs_by_name=_by_name(jobs, lambda job: job.name),
    )


def _reads(operations: Iterable[Operation]) -> dict[Permission, frozenset[Permission]]:
    """Return the reads of each permission that opens nothing but operations with reads."""
    reads_by_permission: dict[Permission, list[tuple[Permission, ...]]] = {}
    for operation in operations:
        for permission in operation.permissions:
            reads_by_permission.setdefault(permission, []).append(operation.reads.get(permission, ()))
    return {permission: frozenset(chain(*reads)) for permission, reads in reads_by_permission.items() if all(reads)}


def install_registry(app: Flask, built: Registry) -> None:
    """Store the registry in the app."""
    app.extensions[_KEY] = built


def registry_of(app: Flask) -> Registry:
    """Return the registry of an app."""
    found: Registry = app.extensions[_KEY]
    return found


def registry() -> Registry:
    """Return the registry of the current app."""
    return registry_of(current_app)


def _handlers(features: Iterable[Feature]) -> dict[type[Any], tuple[Handler, ...]]:
    found: dict[type[Any], tuple[Handler, ...]] = {}
    for feature in features:
        for event, handler in feature.handles.items():
            found[event] = (*found.get(event, ()), handler)
    return found


def _viewed(features: Iterable[Feature]) -> Iterable[Viewed]:
    for feature in features:
        yield from (one.listed for one in feature.resources if one.listed)
        yield from feature.viewed


def _found(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    named = [(one.found.order, one) for one in resources if one.found]
    return tuple(one for _order, one in sorted(named, key=lambda pair: pair[0]))


def _by_name(declared: Iterable[Declared], name: Callable[[Declared], Name]) -> dict[Name, Declared]:
    found: dict[Name, Declared] = {}
    for one in declared:
        if name(one) in found:
            raise ValueError(f"{name(one)} is declared twice")
        found[name(one)] = one
    return found
