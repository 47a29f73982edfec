"""Import of staged contacts: contacts, and the numbers that identify them.

A number belongs to one contact. A row is rejected if an earlier row of the file or another contact has one of its
numbers; the reason shows the number, but never the person. Only a contact that is nothing but a number (an unknown
caller), or nothing but the name of a company, is taken over, as the row identifies it. Which row comes first depends on
the file alone, so that importing the same file twice changes nothing. Numbers that are no longer in the file stay on
the contact, because they could be from elsewhere.
"""

from collections.abc import Mapping as Fields
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import ARRAY, ColumnElement, Text, column, func, insert, literal, null, select, table, text, update

from app.data.imports.declared_service import given_columns, staged_table, staged_values
from app.data.imports.mapping_rules import Mapping
from app.data.imports.outcome_rules import Stored
from app.data.imports.overwrite_service import mark_protected, unless_protected
from app.data.imports.staging_service import (
    TAKEN,
    StagedRecords,
    affected,
    keep_before,
    keep_created,
    turn_away,
    turn_away_repeats,
)
from app.db.context import current_context
from app.db.ids import uuid7
from app.declarations.imported_fields import DeclaredFields
from app.extensions import db
from app.models.contacts import ContactCard, ContactSource
from app.work.contacts.import_properties_service import join_properties
from app.work.contacts.import_record_rules import ContactRecord
from app.work.contacts.import_rules import BY_RULE
from app.work.contacts.import_target_rules import ContactTarget
from app.work.contacts.resource import CONTACT_CARD, CONTACT_PHONE

CONTACT_FIELDS = DeclaredFields(CONTACT_CARD, BY_RULE)
# A staged row has the ID of its contact (existing or to be created), and whether that exists.
STAGED_CONTACTS = staged_table(
    "staged_contacts",
    CONTACT_FIELDS,
    ContactRecord,
    {"phones": "tags"},
    filled={"id": "id", "is_known": "false"},
    later={"kept": "tags"},
    keeps_earlier=True,
)
CONTACTS = StagedRecords(STAGED_CONTACTS)

_REFUSE_SHARED_PHONES = text("""
    INSERT INTO staged_errors (line, column_name, value, reason, kind)
    SELECT line, :column, phone, replace(:reason, '{line}', first::text), :kind
    FROM (
      SELECT line, phone, min(line) OVER (PARTITION BY phone) AS first
      FROM staged_contacts CROSS JOIN unnest(phones) AS phone
    ) numbered
    WHERE line > first
""")
# A merged contact still exists as part of another one, which has its numbers.
_REFUSE_DELETED = text("""
    INSERT INTO staged_errors
    SELECT line, :column, staged_contacts.external_id, :reason
    FROM staged_contacts JOIN contact_cards cards ON cards.organization_id = :organization
      AND cards.external_source = staged_contacts.external_source AND cards.external_id = staged_contacts.external_id
    WHERE cards.deleted_at IS NOT NULL AND :merged = EXISTS (
      SELECT FROM contact_merges merges
      WHERE merges.organization_id = :organization AND merges.merged_card_id = cards.id
        AND merges.deletion_batch_id = cards.deletion_batch_id
    )
""")
_FIND_EARLIER = text("""
    UPDATE staged_contacts SET external_id = cards.external_id
    FROM staged_contacts staged CROSS JOIN unnest(staged.earlier_ids) earlier_id
    JOIN contact_cards cards ON cards.organization_id = :organization AND cards.external_source = staged.external_source
      AND cards.external_id = earlier_id
    WHERE staged_contacts.line = staged.line
""")
_DROP_UNCHANGED = text("""
    DELETE FROM staged_contacts USING contact_cards cards
    WHERE cards.organization_id = :organization AND cards.external_source = staged_contacts.external_source
      AND cards.external_id = staged_contacts.external_id
      AND cards.external_fingerprint IN (staged_contacts.fingerprint, staged_contacts.earlier_fingerprint)
""")
_FIND_KNOWN = text("""
    UPDATE staged_contacts SET id = cards.id, is_known = true
    FROM contact_cards cards
    WHERE cards.organization_id = :organization AND cards.external_source = staged_contacts.external_source
      AND cards.external_id = staged_contacts.external_id
""")
# If several rows match one nameless contact, the first row takes it over. If several nameless contacts match one row,
# the row takes over that of its first number.
_FIND_NAMELESS = text("""
    UPDATE staged_contacts SET id = taken.card_id, is_known = true
    FROM (
      SELECT DISTINCT ON (nearest.card_id) nearest.card_id, nearest.line
      FROM (
        SELECT DISTINCT ON (staged_contacts.line) staged_contacts.line, cards.id AS card_id
        FROM staged_contacts CROSS JOIN unnest(phones) WITH ORDINALITY AS numbers (phone, place)
        JOIN contact_phones ON contact_phones.organization_id = :organization
          AND contact_phones.phone = numbers.phone AND contact_phones.deleted_at IS NULL
        JOIN contact_cards cards ON cards.organization_id = :organization AND cards.id = contact_phones.contact_card_id
        WHERE NOT is_known AND cards.deleted_at IS NULL AND cards.external_id IS NULL
          AND cards.full_name IS NULL AND cards.company_name IS NULL AND cards.email IS NULL
        ORDER BY staged_contacts.line, numbers.place
      ) nearest
      ORDER BY nearest.card_id, nearest.line
    ) taken
    WHERE staged_contacts.line = taken.line
""")
_NAMES_COMPANIES = text("""
    SELECT EXISTS (
      SELECT FROM staged_contacts
      WHERE NOT is_known AND company_name IS NOT NULL AND first_name IS NULL AND last_name IS NULL
    )
""")
# A company of which only the name is known, because imported deals mentioned it.
_FIND_COMPANIES = text("""
    UPDATE staged_contacts SET id = taken.card_id, is_known = true
    FROM (
      SELECT DISTINCT ON (cards.id) cards.id AS card_id, staged_contacts.line
      FROM staged_contacts JOIN contact_cards cards ON lower(cards.company_name) = lower(staged_contacts.company_name)
      WHERE NOT is_known AND staged_contacts.first_name IS NULL AND staged_contacts.last_name IS NULL
        AND cards.organization_id = :organization AND cards.deleted_at IS NULL AND cards.external_id IS NULL
        AND cards.full_name IS NULL AND cards.email IS NULL AND cards.primary_phone IS NULL
      ORDER BY cards.id, staged_contacts.line
    ) taken
    WHERE staged_contacts.line = taken.line
""")
_REFUSE_TAKEN_PHONES = text("""
    INSERT INTO staged_errors
    SELECT line, :column, phone, :reason
    FROM staged_contacts CROSS JOIN unnest(phones) AS numbers (phone)
    JOIN contact_phones USING (phone)
    WHERE contact_phones.organization_id = :organization AND contact_phones.deleted_at IS NULL
      AND contact_phones.contact_card_id <> staged_contacts.id
""")
# In a fixed order, so that two imports don't deadlock. Numbers of a new contact are recorded with the contact.
_CREATE_PHONES = text("""
    WITH made AS (
      INSERT INTO contact_phones (organization_id, id, phone, contact_card_id)
      SELECT :organization, new_uuid7(), phone, staged_contacts.id
      FROM staged_contacts CROSS JOIN unnest(phones) AS numbers (phone)
      WHERE NOT EXISTS (
        SELECT FROM contact_phones
        WHERE organization_id = :organization AND contact_phones.phone = numbers.phone AND deleted_at IS NULL
      )
      ORDER BY phone
      RETURNING id, contact_card_id
    )
    INSERT INTO import_rows (organization_id, id, import_id, line, resource, record_id, effect)
    SELECT :organization, new_uuid7(), :import, line, :resource, made.id, 'created'
    FROM made JOIN staged_contacts ON staged_contacts.id = made.contact_card_id WHERE is_known
""")

#: Columns of a contact that a target of the file provides.
_GIVES: Fields[str, tuple[str, ...]] = {
    ContactTarget.FIRST_NAME: ("first_name",),
    ContactTarget.LAST_NAME: ("last_name",),
    ContactTarget.FULL_NAME: ("first_name", "last_name"),
    ContactTarget.COMPANY_NAME: ("company_name",),
    ContactTarget.EMAIL: ("email",),
    ContactTarget.WHOLE_ADDRESS: ("address_line_1", "address_line_2", "city", "state", "zip"),
    ContactTarget.ADDRESS_LINE_1: ("address_line_1",),
    ContactTarget.ADDRESS_LINE_2: ("address_line_2",),
    ContactTarget.CITY: ("city",),
    ContactTarget.STATE: ("state",),
    ContactTarget.ZIP: ("zip",),
    ContactTarget.COUNTRY: ("country",),
    ContactTarget.TAGS: ("tags",),
    **given_columns(CONTACT_FIELDS),
}
_COLUMNS = tuple(dict.fromkeys(name for names in _GIVES.values() for name in names))

_staged = table(
    "staged_contacts",
    *map(column, ("id", "is_known", "fingerprint", "external_source", "external_id", *_COLUMNS)),
    column("phones", ARRAY(Text)),
    column("kept", ARRAY(Text)),
)
_first_phone = _staged.c.phones[1]


def staged_columns(record: ContactRecord) -> tuple[object, ...]:
    """Return a row for `STAGED_CONTACTS`."""
    return (uuid7(), False, *staged_values(STAGED_CONTACTS, record))


def check_contacts(organization_id: UUID, mapping: Mapping) -> None:
    """Reject staged contacts that repeat an ID or number, across the whole file; join the properties of a client."""
    db.session.execute(_FIND_EARLIER, {"organization": organization_id})
    if ContactTarget.CLIENT_PROPERTY in mapping.given:
        join_properties(mapping.column_of(ContactTarget.ADDRESS_LINE_1))
    id_column = mapping.column_of(ContactTarget.EXTERNAL_ID)
    turn_away_repeats(STAGED_CONTACTS, id_column)
    shared = _("Line {line} already has the same number.")
    turn_away(STAGED_CONTACTS, _REFUSE_SHARED_PHONES, column=_phone_column(mapping), reason=shared, kind=TAKEN)


def settle_contacts(organization_id: UUID, _import_id: UUID, mapping: Mapping) -> int:
    """Find existing contacts, drop rows without changes, and reject rows that can't be imported.

    Returns the number of rows without changes.
    """
    here = {"organization": organization_id}
    in_trash = _("This contact is in the trash. Restore it first.")
    id_column = mapping.column_of(ContactTarget.EXTERNAL_ID)
    turn_away(STAGED_CONTACTS, _REFUSE_DELETED, column=id_column, reason=in_trash, merged=False, **here)
    unchanged = affected(_DROP_UNCHANGED, **here)
    merged = _("This contact was merged into another. Change the other contact, or undo the merge.")
    turn_away(STAGED_CONTACTS, _REFUSE_DELETED, column=id_column, reason=merged, merged=True, **here)
    db.session.execute(_FIND_KNOWN, here)
    db.session.execute(_FIND_NAMELESS, here)
    if db.session.scalar(_NAMES_COMPANIES):
        db.session.execute(_FIND_COMPANIES, here)
    taken = _("Another contact already has this number.")
    turn_away(STAGED_CONTACTS, _REFUSE_TAKEN_PHONES, column=_phone_column(mapping), reason=taken, **here)
    return unchanged


def store_contacts(organization_id: UUID, import_id: UUID, mapping: Mapping) -> Stored:
    """Update the existing contacts and insert the new ones, and return the number of each."""
    updated = _update(organization_id, import_id, mapping)
    created = _insert(organization_id)
    keep_created(organization_id, import_id, CONTACT_CARD.name, CONTACTS)
    phones = {"organization": organization_id, "import": import_id, "resource": CONTACT_PHONE.name}
    db.session.execute(_CREATE_PHONES, phones)
    return Stored(created, updated)


def _phone_column(mapping: Mapping) -> str | None:
    return mapping.column_of(ContactTarget.PRIMARY_PHONE) or mapping.column_of(ContactTarget.SECONDARY_PHONES)


def _update(organization_id: UUID, import_id: UUID, mapping: Mapping) -> int:
    """Update existing contacts, and return their number.

    Columns that the mapping doesn't provide and protected values are unchanged.
    """
    names = {name for field in mapping.given for name in _GIVES.get(field, ())}
    values: dict[str, ColumnElement[Any]] = {name: _staged.c[name] for name in names}
    values["primary_phone"] = func.coalesce(_first_phone, ContactCard.primary_phone)
    mark_protected(organization_id, CONTACT_CARD.name, CONTACTS, "contact_cards", mapping.overwrite)
    values = unless_protected(_staged.c.kept, values, ContactCard) | {
        "external_source": _staged.c.external_source,
        "external_id": _staged.c.external_id,
        "external_fingerprint": _staged.c.fingerprint,
    }
    keep_before(organization_id, import_id, CONTACT_CARD.name, CONTACTS, "contact_cards", values)
    values["version"] = ContactCard.version + 1
    is_same = (ContactCard.organization_id == organization_id, ContactCard.id == _staged.c.id, _staged.c.is_known)
    return affected(update(ContactCard).values(values).where(*is_same))


def _insert(organization_id: UUID) -> int:
    """Insert the new contacts of the file, and return their number."""
    context = current_context()
    values: dict[str, ColumnElement[Any]] = {
        "organization_id": literal(organization_id),
        "id": _staged.c.id,
        "primary_phone": _first_phone,
        "source": literal(ContactSource.IMPORT),
        "created_by": literal(context.reference_id) if context.reference_id else null(),
        "created_by_label": literal(context.actor_label),
        "external_source": _staged.c.external_source,
        "external_id": _staged.c.external_id,
        "external_fingerprint": _staged.c.fingerprint,
        **{name: _staged.c[name] for name in _COLUMNS},
    }
    rows = select(*values.values()).where(~_staged.c.is_known).order_by(_staged.c.id)
    return affected(insert(ContactCard).from_select(list(values), rows))
