"""The words of the audit trail: a sentence for each action, names of what was changed and of its fields.

To add an action (`app.audit.actions`): give it its words in `action_words`. What has none, such as an action of an
older release, is shown by its name made readable. A kind of record has the words of its resource.
"""

import re
from collections import ChainMap
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial, wraps
from typing import Any, TypeVar

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.collation import sort_key
from app.declarations.registry import registry
from app.declarations.resource import capitalized
from app.errors import Sentence as Text
from app.trust.audit_log.action_words import ACTIONS, VERBS
from app.trust.audit_log.field_words import FIELDS
from app.trust.audit_log.rare_field_words import RARE
from app.trust.audit_log.revert_rules import NO_CHANGES

Said = TypeVar("Said")

#: Names come from rows too, some of which an older release has written.
_MAX_REMEMBERED = 10_000

#: The further facts of a refusal that its sentence tells.
TOLD_OF_REFUSALS = ("method", "route", "permission")
#: What stands in a route for the id of a record.
_ARGUMENT = re.compile(r"<[^>]*>")


#: What actions are about that is no record.
_NO_RECORDS: Mapping[str, Text] = {"audit": _l("audit trail"), "permission": _l("permission")}


@dataclass(frozen=True, slots=True)
class ActionGroup:
    """Actions that one looks for together."""

    label: Text
    actions: Sequence[str]


#: By what stands in the address instead of an action.
GROUPS: Mapping[str, ActionGroup] = {
    "sign-in": ActionGroup(
        _l("Signing in and out"),
        (
            Action.SESSION_STARTED,
            Action.SESSION_ENTERED,
            Action.SESSION_LEFT,
            Action.SESSION_ENDED,
            Action.SESSION_VIEWING_STARTED,
            Action.SESSION_VIEWING_ENDED,
            Action.SESSION_FAILED,
            Action.SECOND_FACTOR_FAILED,
            Action.USER_SECOND_FACTOR_SET,
            Action.USER_SECOND_FACTOR_REMOVED,
            Action.USER_SECOND_FACTOR_RESET,
            Action.USER_PASSWORD_LINK_SENT,
        ),
    ),
    "access": ActionGroup(
        _l("People and their rights"),
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
    "refusals": ActionGroup(_l("Refusals"), (Action.PERMISSION_REFUSED,)),
    "reads": ActionGroup(
        _l("Files taken and recordings played"),
        (
            Action.CALLS_EXPORTED,
            Action.LIST_EXPORTED,
            Action.EXPORT_DOWNLOADED,
            Action.IMPORT_ERRORS_EXPORTED,
            Action.IMPORT_STAYING_EXPORTED,
            Action.AUDIT_EXPORTED,
            Action.PEOPLE_SEARCHED,
            Action.PERSON_EXPORTED,
            Action.ORGANIZATION_EXPORTED,
            Action.RECORDING_PLAYED,
            Action.RECORDING_DOWNLOADED,
            Action.MESSAGE_LINK_SHOWN,
        ),
    ),
    "trash": ActionGroup(
        _l("Deleting and restoring"),
        (
            "deletion_batch.created",
            Action.DELETION_RESTORED,
            Action.DELETION_PARTLY_RESTORED,
            Action.DELETION_PURGED,
            Action.ORGANIZATION_DELETED,
        ),
    ),
    "trail": ActionGroup(_l("The trail itself"), (Action.AUDIT_VERIFIED, Action.AUDIT_ERASED, Action.AUDIT_DROPPED)),
}


def once_a_language(say: Callable[..., Said]) -> Callable[..., Said]:
    """Remember what it says: a page asks for the same words hundreds of times, and each costs a look at the request."""
    remembered = lru_cache(maxsize=_MAX_REMEMBERED)(lambda _language, *arguments: say(*arguments))

    @wraps(say)
    def call(*arguments: Hashable) -> Said:
        return remembered(get_locale(), *arguments)

    return call


@once_a_language
def action_sentence(action: str) -> str:
    """What an action says in a list: "Signed in", "Changed: call"."""
    known = _NAMED.get(action)
    if known is not None:
        return str(known)
    resource, _dot, verb = action.rpartition(".")
    sentence = VERBS.get(verb)
    return str(sentence) % {"thing": resource_noun(resource)} if resource and sentence else _readable(action)


def entry_sentence(action: str, details: Mapping[str, Any]) -> str:
    """What an entry says in a list. Of a refusal, what was refused and which permission was missing."""
    method, route, permission = map(details.get, TOLD_OF_REFUSALS)
    if action != Action.PERMISSION_REFUSED or not route:
        return action_sentence(action)
    what = " ".join(filter(None, (method, _ARGUMENT.sub("…", str(route)))))
    if not permission:
        return str(_("Was refused: %(what)s", what=what))
    return str(
        _("Was refused: %(what)s, for lack of the permission “%(permission)s”", what=what, permission=permission)
    )


@once_a_language
def resource_noun(resource_type: str) -> str:
    """What is meant within a sentence: "call note"."""
    resource = registry().resources.get(resource_type)
    known = resource.words.one if resource else _NO_RECORDS.get(resource_type)
    return str(known) if known else resource_type.replace("_", " ")


@once_a_language
def resource_label(resource_type: str) -> str:
    """What is meant where it stands alone: "Call note"."""
    return capitalized(resource_noun(resource_type))


def _field_words() -> Mapping[str, Text]:
    """By column: of the trail itself, else of the first resource that declares it."""
    declared = [one.recorded for one in registry().resources.values()]
    return ChainMap(FIELDS, *declared)


@once_a_language
def field_label(field: str) -> str:
    """The name of a column: "Booking status"."""
    known = _field_words().get(field) or RARE.get(field)
    return str(known) if known else _readable(field.removesuffix("_id") if field != "id" else field)


@once_a_language
def fields_named(fields: tuple[str, ...]) -> tuple[str, ...]:
    """The names of those that say what was changed, in their order."""
    named = (field_label(name) for name in fields if name not in NO_CHANGES)
    return tuple(sorted(named, key=partial(sort_key, locale=get_locale())))


def group_label(name: str) -> str:
    """The name of a group of actions; of none of them, what is asked for."""
    return str(GROUPS[name].label) if name in GROUPS else name


@once_a_language
def action_options() -> Sequence[tuple[str, str]]:
    """Groups and named actions for a picker, groups first."""
    named = _by_words((action.value, str(text)) for action, text in ACTIONS.items())
    return (*((name, _("All: %(group)s", group=group.label)) for name, group in GROUPS.items()), *named)


@once_a_language
def field_options() -> Sequence[tuple[str, str]]:
    """Fields for a picker, by name."""
    return tuple(_by_words((name, field_label(name)) for name in _field_words() if name not in NO_CHANGES))


def resource_types() -> Sequence[str]:
    """All that the trail tells of."""
    return (*(one.name for one in registry().resources.values() if one.is_audited), *_NO_RECORDS)


@once_a_language
def resource_options() -> Sequence[tuple[str, str]]:
    """Kinds of records for a picker, by name."""
    return tuple(_by_words((name, resource_label(name)) for name in resource_types()))


_NAMED: Mapping[str, Text] = {action.value: text for action, text in ACTIONS.items()}


def _by_words(options: Iterable[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    locale = get_locale()
    return sorted(options, key=lambda option: sort_key(option[1], locale))


def _readable(name: str) -> str:
    return capitalized(name.replace(".", " ").replace("_", " "))
