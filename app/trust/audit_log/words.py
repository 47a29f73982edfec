"""Text of the audit trail: a sentence for each action, and the names of records and fields.

To add an action (`app.audit.actions`), give it a label in `action_words`. Actions without one, such as those of an
older release, are shown by their name in readable form. Kinds of records use the words of their resource.
"""

import re
from collections import ChainMap
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial, wraps
from typing import Any, TypeVar

from flask_babel import format_decimal, get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.collation import sort_key
from app.declarations.registry import registry
from app.declarations.resource import capitalized
from app.errors import LazyText as Text
from app.trust.audit_log.action_words import ACTIONS, VERBS
from app.trust.audit_log.field_words import FIELDS
from app.trust.audit_log.rare_field_words import RARE
from app.trust.audit_log.revert_rules import NO_CHANGES

Said = TypeVar("Said")

#: Names also come from rows, some of which were written by an older release.
_MAX_REMEMBERED = 10_000

#: Metadata of a refusal that its sentence includes.
TOLD_OF_REFUSALS = ("method", "route", "permission", "count")
#: Placeholder in a route for the id of a record.
_ARGUMENT = re.compile(r"<[^>]*>")


#: Subjects of actions that are not records.
_NO_RECORDS: Mapping[str, Text] = {"audit": _l("audit trail"), "permission": _l("permission")}


@dataclass(frozen=True, slots=True)
class ActionGroup:
    """Actions that are searched for together."""

    label: Text
    actions: Sequence[str]


#: By the value used in the URL in place of an action.
GROUPS: Mapping[str, ActionGroup] = {
    "sign-in": ActionGroup(
        _l("Sign-in and security"),
        (
            Action.SESSION_STARTED,
            Action.SESSION_ENTERED,
            Action.SESSION_LEFT,
            Action.SESSION_ENDED,
            Action.SESSION_TOKEN_REUSED,
            Action.SESSION_VIEWING_STARTED,
            Action.SESSION_VIEWING_ENDED,
            Action.SESSION_FAILED,
            Action.SECOND_FACTOR_FAILED,
            Action.USER_SECOND_FACTOR_SET,
            Action.USER_SECOND_FACTOR_REMOVED,
            Action.USER_SECOND_FACTOR_RESET,
            Action.USER_SECOND_FACTOR_REMINDED,
            Action.USER_PASSWORD_LINK_SENT,
        ),
    ),
    "failed-sign-in": ActionGroup(_l("Failed sign-ins"), (Action.SESSION_FAILED, Action.SECOND_FACTOR_FAILED)),
    "access": ActionGroup(
        _l("People and permissions"),
        (
            "user.created",
            "user.updated",
            "user.deleted",
            "user.restored",
            Action.USER_ROLE_CHANGED,
            Action.USER_DEACTIVATED,
            Action.USER_ACTIVATED,
            Action.USER_SUSPENDED,
            Action.USER_LET_BACK,
            Action.USER_ANONYMIZED,
            Action.USER_PERMISSION_GRANTED,
            Action.USER_PERMISSION_TAKEN,
            "invitation.created",
            Action.INVITATION_ACCEPTED,
            Action.INVITATION_REVOKED,
            "api_key.created",
            "api_key.updated",
        ),
    ),
    "refusals": ActionGroup(_l("Denied requests"), (Action.PERMISSION_REFUSED,)),
    "reads": ActionGroup(
        _l("Data access"),
        (
            Action.CALLS_EXPORTED,
            Action.LIST_EXPORTED,
            Action.LIST_READ,
            Action.EXPORT_DOWNLOADED,
            Action.IMPORT_ERRORS_EXPORTED,
            Action.IMPORT_STAYING_EXPORTED,
            Action.AUDIT_EXPORTED,
            Action.PEOPLE_SEARCHED,
            Action.PERSON_EXPORTED,
            Action.ORGANIZATION_EXPORTED,
            Action.RECORD_VIEWED,
            Action.RECORDING_PLAYED,
            Action.RECORDING_DOWNLOADED,
            Action.MESSAGE_LINK_SHOWN,
            Action.WEBHOOK_DELIVERY_DOWNLOADED,
        ),
    ),
    "trash": ActionGroup(
        _l("Deletions and restores"),
        (
            "deletion_batch.created",
            Action.DELETION_RESTORED,
            Action.DELETION_PARTLY_RESTORED,
            Action.DELETION_PURGED,
            Action.ORGANIZATION_DELETED,
        ),
    ),
    "trail": ActionGroup(
        _l("Audit trail checks and deletions"), (Action.AUDIT_VERIFIED, Action.AUDIT_ERASED, Action.AUDIT_DROPPED)
    ),
}


def once_a_language(say: Callable[..., Said]) -> Callable[..., Said]:
    """Cache the function's results per language.

    A page needs the same words hundreds of times, and looking each up requires reading the request.
    """
    remembered = lru_cache(maxsize=_MAX_REMEMBERED)(lambda _language, *arguments: say(*arguments))

    @wraps(say)
    def call(*arguments: Hashable) -> Said:
        return remembered(get_locale(), *arguments)

    return call


@once_a_language
def action_sentence(action: str) -> str:
    """Return the text of an action in a list: "Signed in", "Changed: call"."""
    known = _NAMED.get(action)
    if known is not None:
        return str(known)
    resource, _dot, verb = action.rpartition(".")
    sentence = VERBS.get(verb)
    return str(sentence) % {"thing": resource_noun(resource)} if resource and sentence else _readable(action)


def entry_sentence(action: str, details: Mapping[str, Any]) -> str:
    """Return the text of an entry in a list; a refusal includes what was refused and the missing permission."""
    method, route, permission, count = map(details.get, TOLD_OF_REFUSALS)
    if action != Action.PERMISSION_REFUSED or not route:
        return action_sentence(action)
    what = " ".join(filter(None, (method, _ARGUMENT.sub("…", str(route)))))
    if count:
        times = ngettext(
            "%(times)s time in total within the hour",
            "%(times)s times in total within the hour",
            count,
            times=format_decimal(count),
        )
        what = f"{what} ({times})"
    if not permission:
        return str(_("Access denied: %(what)s", what=what))
    return str(_("Access denied: %(what)s. Missing permission: “%(permission)s”", what=what, permission=permission))


@once_a_language
def resource_noun(resource_type: str) -> str:
    """Return the name of a kind of record within a sentence: "call note"."""
    resource = registry().resources.get(resource_type)
    known = resource.words.one if resource else _NO_RECORDS.get(resource_type)
    return str(known) if known else resource_type.replace("_", " ")


@once_a_language
def resource_label(resource_type: str) -> str:
    """Return the name of a kind of record when it stands alone: "Call note"."""
    return capitalized(resource_noun(resource_type))


def _field_words() -> Mapping[str, Text]:
    """Return labels by column: from the trail itself, or from the first resource that declares the column."""
    declared = [one.recorded for one in registry().resources.values()]
    return ChainMap(FIELDS, *declared)


@once_a_language
def field_label(field: str) -> str:
    """Return the label of a column: "Booking status"."""
    known = _field_words().get(field) or RARE.get(field)
    return str(known) if known else _readable(field.removesuffix("_id") if field != "id" else field)


@once_a_language
def fields_named(fields: tuple[str, ...]) -> tuple[str, ...]:
    """Return the sorted labels of these fields, without those that differ in every change."""
    named = (field_label(name) for name in fields if name not in NO_CHANGES)
    return tuple(sorted(named, key=partial(sort_key, locale=get_locale())))


def group_label(name: str) -> str:
    """Return the label of a group of actions, or `name` itself if there is no such group."""
    return str(GROUPS[name].label) if name in GROUPS else name


@once_a_language
def action_options() -> Sequence[tuple[str, str]]:
    """Return groups and named actions for a picker, groups first."""
    named = _by_words((action.value, str(text)) for action, text in ACTIONS.items())
    return (*((name, _("All: %(group)s", group=group.label)) for name, group in GROUPS.items()), *named)


@once_a_language
def field_options() -> Sequence[tuple[str, str]]:
    """Return fields for a picker, sorted by label."""
    return tuple(_by_words((name, field_label(name)) for name in _field_words() if name not in NO_CHANGES))


def resource_types() -> Sequence[str]:
    """Return all kinds of records that the trail covers."""
    return (*(one.name for one in registry().resources.values() if one.is_audited), *_NO_RECORDS)


@once_a_language
def resource_options() -> Sequence[tuple[str, str]]:
    """Return kinds of records for a picker, sorted by label."""
    return tuple(_by_words((name, resource_label(name)) for name in resource_types()))


_NAMED: Mapping[str, Text] = {action.value: text for action, text in ACTIONS.items()}


def _by_words(options: Iterable[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    locale = get_locale()
    return sorted(options, key=lambda option: sort_key(option[1], locale))


def _readable(name: str) -> str:
    return capitalized(name.replace(".", " ").replace("_", " "))
