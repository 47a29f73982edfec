"""Sources of the records: the only module here that depends on the app's registries.

The functions return the record's own format: names, URLs and texts, never a module or an endpoint.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import click
from flask import Flask
from flask_babel import force_locale

from app.audit.actions import Action
from app.data.imports.mapping_rules import Mapping as ImportMapping
from app.db.filters import Filters
from app.declarations.registry import registry_of
from app.insight.reports.notices import REPORT_READY
from app.messaging.notifications.unsubscribe_service import unsubscribe_address
from app.models import ImportKind, Invitation, Language, PasswordReset, Role, User
from app.ops.jobs.queue import QUEUE
from app.ops.jobs.words import job_label
from app.ops.jobs.worker import run_worker
from app.security.guard import access_of
from app.security.matrix import STAFF_PERMISSIONS, permissions_of
from app.security.tokens import Token
from app.trust.audit_log.action_words import ACTIONS, VERBS
from app.trust.audit_log.filters import AuditFilters
from app.trust.audit_log.words import (
    GROUPS,
    action_sentence,
    field_label,
    field_options,
    resource_label,
    resource_types,
)
from app.trust.trash.words import STATES
from app.web.value_words import LABELS
from app.work.contacts.import_target_rules import IDENTIFYING
from tests.support.factories import Factories
from tests.support.routes import page_routes


def addresses(app: Flask) -> dict[str, str]:
    """Return the required access by method and URL rule."""
    return {
        f"{method} {rule.rule}": _access(app, rule.endpoint)
        for rule in page_routes(app)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def _access(app: Flask, endpoint: str) -> str:
    access = access_of(app, endpoint)
    assert access is not None, endpoint
    if not access.signed_in:
        return "public"
    parts = [*access.all_of, *([f"any of {', '.join(access.any_of)}"] if access.any_of else [])]
    return "signed in" + "".join(f", {part}" for part in parts)


def commands(app: Flask) -> dict[str, dict[str, str]]:
    """Return the options and arguments of each `flask` command, by its full name."""
    return dict(_commands((), app.cli))


def _commands(words: tuple[str, ...], command: click.Command) -> Iterator[tuple[str, dict[str, str]]]:
    if isinstance(command, click.Group):
        for name, part in command.commands.items():
            yield from _commands((*words, name), part)
    else:
        yield " ".join(words), dict(_parameter(one) for one in command.params)


def _parameter(parameter: click.Parameter) -> tuple[str, str]:
    is_flag = isinstance(parameter, click.Option) and parameter.is_flag
    choices = "|".join(map(str, getattr(parameter.type, "choices", ())))
    default = parameter.default
    is_constant = isinstance(default, str | int | float) and not isinstance(default, bool)
    limits = [getattr(parameter.type, end, None) for end in ("min", "max")]
    told = [
        "flag" if is_flag else parameter.type.name,
        f"{limits[0]} to {limits[1]}" if limits != [None, None] else "",
        f"of {choices}" if choices else "",
        "required" if parameter.required else "",
        "several" if parameter.multiple or parameter.nargs != 1 else "",
        f"default {default}" if is_constant else "",
    ]
    name = "/".join((*parameter.opts, *parameter.secondary_opts))
    return name if isinstance(parameter, click.Option) else name.upper(), " ".join(part for part in told if part)


def jobs(app: Flask) -> dict[str, dict[str, Any]]:
    """Return the label, schedule, attempts with their waits in seconds, and arguments of each job by stored name."""
    found: dict[str, dict[str, Any]] = {}
    labels = _in_languages(app, {job.name: partial(job_label, job.name) for job in registry_of(app).jobs})
    for job in registry_of(app).jobs:
        found[job.name] = {
            "label": labels[job.name],
            "arguments": list(inspect.signature(job.run).parameters),
            "tries": job.retries.max_tries,
            "first wait": job.retries.first_wait.total_seconds(),
            "longest wait": job.retries.max_wait.total_seconds(),
            "queue": QUEUE,
        }
        if job.schedule:
            due = job.schedule
            found[job.name] |= {"cron": due.cron, "scope": due.scope.value, "only": due.only}
    return found


def links_by_mail(app: Flask, organization_id: UUID, people: Mapping[Role, User], make: Factories) -> dict[str, str]:
    """Return valid URLs of the links that are sent by email, by URL rule."""
    invited, forgot = Token.new(organization_id), Token.new(organization_id)
    make.add(
        Invitation(
            organization_id=organization_id,
            email="ada@new.example",
            name="Ada New",
            role=Role.CSR,
            token_hash=invited.digest,
            expires_at=datetime.now(UTC) + timedelta(days=7),
        )
    )
    make.add(
        PasswordReset(
            organization_id=organization_id,
            user_id=people[Role.CSR].id,
            token_hash=forgot.digest,
            expires_at=datetime.now(UTC) + timedelta(days=7),
        )
    )
    with app.app_context():
        unsubscribe = urlsplit(unsubscribe_address(REPORT_READY, organization_id, people[Role.MANAGER].id)).path
    return {
        "/notifications/unsubscribe/<token>": unsubscribe,
        "/invitations/accept/<token>": f"/invitations/accept/{invited.text}",
        "/password/<token>": f"/password/{forgot.text}",
    }


def work(app: Flask) -> None:
    """Run the worker until no job is waiting."""
    run_worker(app, schedule=(), until_idle=True)


def enumerations(app: Flask) -> dict[str, dict[str, str]]:
    """Return the label of each stored value of an enumeration."""
    registered = registry_of(app)
    words = {
        **{f"{kind.__name__} {value}": said for kind, values in LABELS.items() for value, said in values.items()},
        **{f"ExportKind {kind}": one.label for kind, one in registered.exports.items()},
        **{f"ImportKind {kind}": one.label for kind, one in registered.imports.items()},
        **{f"BulkAction {action}": one.label for action, one in registered.bulk.items()},
        **{f"ListPage {name}": one.listed.label for name, one in registered.lists.items() if one.listed is not None},
    }
    return _in_languages(app, {name: partial(str, said) for name, said in words.items()})


def roles(_app: Flask) -> dict[str, list[str]]:
    """Return the permissions of each role; for platform staff, those they have inside an organization."""
    return {
        **{role.value: sorted(permissions_of(role)) for role in Role},
        **{f"platform {role.value}": sorted(held) for role, held in STAFF_PERMISSIONS.items()},
    }


def lists(app: Flask) -> dict[str, Any]:
    """Return the names that stored views and URLs can use for each list: filters, sorts and columns."""
    found: dict[str, Any] = {"audit: filters": _filters(AuditFilters)}
    for name, resource in registry_of(app).lists.items():
        listed = resource.listed
        assert listed is not None
        found[f"{name}: filters"] = _filters(listed.filters)
        found[f"{name}: sorts"] = [sort.name for sort in listed.sorts]
        if listed.has_column_choice:
            found[f"{name}: columns"] = sorted(field.stored_name for field in resource.columns)
    return found


def _filters(filters: type[Filters]) -> list[str]:
    return sorted(field.alias or name for name, field in filters.model_fields.items())


def exports(app: Flask) -> dict[str, list[str]]:
    """Return the file extension and media type of each stored export kind."""
    return {kind: list(export.file_type) for kind, export in registry_of(app).exports.items()}


def import_targets(app: Flask) -> dict[str, Any]:
    """Return the target fields of each import, with their labels and recognized column names.

    Also return the fields that an import reports as missing if the file has no columns.
    """
    found: dict[str, Any] = {}
    for kind, declared in registry_of(app).imports.items():
        labels = _in_languages(app, {name: partial(str, target.label) for name, target in declared.targets.items()})
        for name, target in declared.targets.items():
            found[f"{kind}: {name}"] = {
                "label": labels[name],
                "repeatable": target.repeatable,
                "identifying": kind == ImportKind.CONTACTS and name in IDENTIFYING,
                "columns": list(target.names),
            }
        found[f"{kind}: wanted by a file without any"] = sorted(str(gap.field) for gap in declared.gaps(frozenset()))
    return found


def mapping_format(_app: Flask) -> dict[str, Any]:
    """Return the keys of a stored mapping with their defaults."""
    return {
        name: "required" if field.is_required() else {"default": field.get_default(call_default_factory=True)}
        for name, field in ImportMapping.model_fields.items()
    }


def audit_words(app: Flask) -> dict[str, dict[str, str]]:
    """Return the trail's labels of records, fields, actions and groups of actions, in each language.

    Actions that the database names are included.
    """
    audited = [name for name, resource in registry_of(app).resources.items() if resource.is_audited]
    by_the_database = [f"{kind}.{verb}" for kind in audited for verb in VERBS]
    actions = {*(action.value for action in Action), *(action.value for action in ACTIONS), *by_the_database}
    words: dict[str, Callable[[], object]] = {
        **{f"record {name}": partial(resource_label, name) for name in _in_app(app, resource_types)},
        **{f"field {name}": partial(field_label, name) for name, _label in _in_app(app, field_options)},
        **{f"action {name}": partial(action_sentence, name) for name in actions},
        **{f"group {name}": partial(str, group.label) for name, group in GROUPS.items()},
    }
    return _in_languages(app, words)


def audit_groups(_app: Flask) -> dict[str, list[str]]:
    """Return the actions of each group that the trail can be filtered by, by its value in the URL."""
    return {name: sorted(map(str, group.actions)) for name, group in GROUPS.items()}


def trash_words(app: Flask) -> dict[str, dict[str, str]]:
    """Return the trash's words for each kind of record: singular, plural, and with the counts 1, 2 and 5.

    The states of deletions are included.
    """
    found: dict[str, Callable[[], object]] = {f"state {one.value}": partial(str, said) for one, said in STATES.items()}
    for kind in registry_of(app).deletes:
        words = registry_of(app).resources[kind].words
        assert words.counted is not None, kind
        found |= {f"{kind}: one": partial(getattr, words, "label")}
        found |= {f"{kind}: several": partial(getattr, words, "plural_label")}
        found |= {f"{kind}: {count}": partial(words.counted, count, str(count)) for count in (1, 2, 5)}
    return _in_languages(app, found)


def _in_app(app: Flask, read: Callable[[], Any]) -> Any:
    with app.app_context():
        return read()


def _in_languages(app: Flask, words: Mapping[str, Callable[[], object]]) -> dict[str, dict[str, str]]:
    """Return each of the texts in each language."""
    said: dict[str, dict[str, str]] = {name: {} for name in words}
    for language in Language:
        with app.test_request_context(), force_locale(language.value):
            for name, say in words.items():
                said[name][language.value] = str(say())
    return said
