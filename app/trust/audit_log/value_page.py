"""Display of stored values: labels of enumerations, times in the organization's time zone, names in place of ids."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _

from app.amounts import exact_amount
from app.collation import sort_key
from app.directions import escape_directions
from app.models import AuditSource, Role, StaffRole
from app.security.permissions import role_label
from app.trust.audit_log.difference_rules import Part, differing_parts
from app.trust.audit_log.field_kinds import FieldKind, field_kinds, id_in
from app.trust.audit_log.name_queries import Named, Reference
from app.trust.audit_log.revert_rules import NO_CHANGES
from app.trust.audit_log.value_words import VALUES
from app.trust.audit_log.words import field_label, once_a_language
from app.web import formatting
from app.web.render_context import current_render_context
from app.web.value_words import LABELS

#: Value that the trail stores in place of a secret.
REDACTED = "[redacted]"
#: Transcripts are cut off at this length.
MAX_SHOWN_LENGTH = 20_000

_PLAIN = FieldKind()
_NO_NAMES: Mapping[Reference, Named] = {}


@dataclass(frozen=True, slots=True)
class Value:
    """One side of a change.

    `text` is None if there was no value. `parts` are the text with the differences marked. `named` is the record that
    an id refers to; `is_secret` means that only the existence of a value is known; `is_code` text is shown line by line
    as it is; `more` is the number of characters left out.
    """

    text: str | None
    parts: Sequence[Part] = ()
    named: Named | None = None
    is_secret: bool = False
    is_code: bool = False
    more: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """A field with its values before and after."""

    name: str
    label: str
    before: Value
    after: Value


def changes_between(
    resource_type: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    names: Mapping[Reference, Named] = _NO_NAMES,
) -> Sequence[Change]:
    """Return every field that changed, was added or was removed, sorted by its label."""
    kinds = field_kinds(resource_type)
    old, new = before or {}, after or {}
    changed = {*old, *new} - NO_CHANGES
    changes = [_change(name, old.get(name), new.get(name), kinds.get(name, _PLAIN), names) for name in changed]
    locale = get_locale()
    return sorted(changes, key=lambda change: (sort_key(change.label, locale), change.name))


def value_of(value: Any, kind: FieldKind = _PLAIN, names: Mapping[Reference, Named] = _NO_NAMES) -> Value:
    """Return one stored value as it is displayed."""
    if value is None:
        return Value(None)
    if value == REDACTED:
        return Value(_("Secret (not recorded)"), is_secret=True)
    if isinstance(value, bool):
        return Value(_("Yes") if value else _("No"))
    if isinstance(value, (dict, list)):
        return _structure(value)
    record_id = id_in(value) if kind.refers_to else None
    if kind.refers_to and record_id:
        return Value(str(record_id), named=names.get((kind.refers_to, record_id)))
    return _cut(_words(str(value), kind))


@once_a_language
def source_label(source: str) -> str:
    """Return the label of an entry's source."""
    return _choice(source, AuditSource)


def _change(name: str, before: Any, after: Any, kind: FieldKind, names: Mapping[Reference, Named]) -> Change:
    old, new = value_of(before, kind, names), value_of(after, kind, names)
    if _is_compared(old) and _is_compared(new):
        old_parts, new_parts = differing_parts(old.text or "", new.text or "")
        old, new = replace(old, parts=old_parts), replace(new, parts=new_parts)
    return Change(name, field_label(name), old, new)


def _is_compared(value: Value) -> bool:
    """Return whether the value is text in which single words can be marked as changed."""
    return (
        value.text is not None and value.named is None and not value.is_secret and (value.is_code or " " in value.text)
    )


def _structure(value: dict[str, Any] | list[Any]) -> Value:
    """Return a list of strings or numbers on one line, everything else as lines of JSON."""
    if isinstance(value, list) and all(isinstance(item, (str, int, float)) for item in value):
        return _cut(", ".join(map(str, value)) if value else _("Empty list"))
    return replace(_cut(json.dumps(value, ensure_ascii=False, indent=2)), is_code=True)


def _cut(text: str) -> Value:
    text = escape_directions(text)  # the trail stores what was typed, including names of files
    return Value(text[:MAX_SHOWN_LENGTH], more=max(len(text) - MAX_SHOWN_LENGTH, 0))


def _words(text: str, kind: FieldKind) -> str:
    if kind.choice is not None:
        return _choice(text, kind.choice)
    if kind.is_moment:
        return _moment(text)
    if kind.decimals is not None:
        return _amount(text, kind.decimals)
    return text


def _amount(text: str, decimals: int) -> str:
    try:
        return str(exact_amount(Decimal(text), decimals))
    except InvalidOperation:
        return text


def _choice(text: str, choice: type[StrEnum]) -> str:
    """Return the label of an enumeration's value; a value without a label is made readable.

    Values of older releases can have none.
    """
    if choice in (Role, StaffRole):
        return str(role_label(Role(text))) if text in list(Role) else text
    words = LABELS.get(choice) or VALUES.get(choice) or {}
    return str(words[text]) if text in words else text.replace("_", " ").capitalize()


def _moment(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    reader = current_render_context()
    return formatting.full_moment(formatting.in_zone(moment, reader.zone), reader.locale)
