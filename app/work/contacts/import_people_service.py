"""Contacts of imported rows: found by number, email, company or name, or else created.

An ID of the same system takes precedence over a number, a number over an email address, and all of them over names. A
row with none of them refers to the contact of its company or name, preferring the company itself to its people. A
contact that doesn't exist is created once for all rows with the same data.
"""

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import TextClause, text

from app.data.imports.staging_service import StagedTable
from app.extensions import db
from app.work.contacts.import_cards_service import make_cards, open_new_cards

_OPEN = text("""
    CREATE TEMPORARY TABLE IF NOT EXISTS staged_persons (
      line integer, phone text, email text, email_key text, company_name text, company_key text, first_name text,
      last_name text, name_key text, card_id uuid, is_unclear boolean,
      external_source text, contact_id text
    )
""")
_CONTACT_ID = "contact_id"
_EMPTY = text("TRUNCATE staged_persons")
_FIND_BY_ID = text("""
    UPDATE staged_persons SET card_id = cards.id FROM contact_cards cards
    WHERE cards.organization_id = :organization AND cards.external_id = contact_id
      AND cards.external_source = staged_persons.external_source AND cards.deleted_at IS NULL
""")
_REMARK_UNKNOWN_ID = text("""
    INSERT INTO staged_errors
    SELECT line, :column, contact_id, :reason, true FROM staged_persons
    WHERE contact_id IS NOT NULL AND card_id IS NULL
""")
_FIND_BY_PHONE = text("""
    UPDATE staged_persons SET card_id = contact_card_id FROM contact_phones
    WHERE card_id IS NULL AND contact_phones.organization_id = :organization
      AND contact_phones.phone = staged_persons.phone
      AND contact_phones.deleted_at IS NULL
""")
# Rows that name only a company which has a contact need no lock, since they create nothing.
_IS_LEFT = text("""
    SELECT EXISTS (
      SELECT FROM staged_persons
      WHERE card_id IS NULL AND (
        num_nonnulls(name_key, phone, email) > 0 OR company_key IS NULL OR NOT EXISTS (
          SELECT FROM contact_cards cards
          WHERE cards.organization_id = :organization AND cards.deleted_at IS NULL
            AND cards.company_key = staged_persons.company_key
        )
      )
    )
""")
# Concurrent imports could create two contacts with the same email address or company.
_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended('imported companies:' || :organization, 0))")
_FIND_BY_EMAIL = text("""
    UPDATE staged_persons SET card_id = cards.id
    FROM (
      SELECT DISTINCT ON (lower(email)) lower(email) AS key, id FROM contact_cards
      WHERE organization_id = :organization AND deleted_at IS NULL
        AND lower(email) IN (SELECT email_key FROM staged_persons WHERE card_id IS NULL)
      ORDER BY lower(email), id
    ) cards
    WHERE cards.key = email_key AND card_id IS NULL
""")
_FIND_BY_COMPANY = text("""
    UPDATE staged_persons SET card_id = cards.id
    FROM (
      SELECT DISTINCT ON (company_key) company_key AS key, id FROM contact_cards
      WHERE organization_id = :organization AND deleted_at IS NULL
        AND company_key IN (SELECT company_key FROM staged_persons WHERE card_id IS NULL AND name_key IS NULL)
      ORDER BY company_key, full_name IS NOT NULL, id
    ) cards
    WHERE cards.key = company_key AND name_key IS NULL AND phone IS NULL AND email IS NULL AND card_id IS NULL
""")
_FIND_BY_NAME = text("""
    UPDATE staged_persons SET card_id = CASE WHEN found.is_one THEN found.id END, is_unclear = NOT found.is_one
    FROM (
      SELECT named.line, (array_agg(cards.id))[1] AS id, count(*) = 1 AS is_one
      FROM staged_persons named
      JOIN contact_cards cards ON cards.organization_id = :organization AND cards.deleted_at IS NULL
        AND cards.name_key = named.name_key
        AND (named.company_key IS NULL OR cards.company_key = named.company_key)
      WHERE named.card_id IS NULL AND named.phone IS NULL AND named.email IS NULL
      GROUP BY named.line
    ) found
    WHERE found.line = staged_persons.line
""")
_REMARK_UNCLEAR = text("""
    INSERT INTO staged_errors
    SELECT line, NULL, concat_ws(' ', first_name, last_name), :reason, true FROM staged_persons WHERE is_unclear
""")


def _new_cards(*key: str) -> tuple[TextClause, TextClause]:
    """Build statements that create one contact for all unmatched rows that agree in `key`.

    The contact has the values of the first of these rows.
    """
    columns, firsts = ", ".join(key), ", ".join(f"firsts.{name}" for name in key)
    agree = " AND ".join(f"staged_persons.{name} IS NOT DISTINCT FROM made.{name}" for name in key)
    is_left = f"card_id IS NULL AND NOT is_unclear AND num_nonnulls({columns}) > 0"
    new = text(f"""
        INSERT INTO new_cards (card_id, line, phone, email, company_name, first_name, last_name)
        SELECT new_uuid7(), firsts.* FROM (
          SELECT DISTINCT ON ({columns}) line, phone, email, company_name, first_name, last_name FROM staged_persons
          WHERE {is_left} ORDER BY {columns}, line
        ) firsts ORDER BY line
    """)  # noqa: S608 - names from code; values are bound
    belong = text(f"""
        UPDATE staged_persons SET card_id = made.card_id
        FROM (SELECT {firsts}, new_cards.card_id FROM new_cards JOIN staged_persons firsts USING (line)) made
        WHERE staged_persons.card_id IS NULL AND NOT is_unclear AND {agree}
    """)  # noqa: S608 - names from code; values are bound
    return new, belong


_BY_PHONE, _BY_EMAIL = _new_cards("phone"), _new_cards("email_key")
_BY_NAMES = _new_cards("name_key", "company_key")


def find_contacts(
    organization_id: UUID,
    import_id: UUID,
    staged: StagedTable,
    *,
    company: str = "company_name",
    id_column: str | None = None,
) -> None:
    """Find or create the contact of each row of `staged`, and store its ID in `staged_persons`.

    `staged` has the columns of `import_person_rules.Person`, with the company's name in `company`, and `line`;
    `staged_persons` then has `line` and `card_id`. It can have a `contact_id`, the contact's ID in the same system,
    from `id_column` of the file. If a name alone is ambiguous, the row has no contact and gets a warning.
    """
    here = {"organization": organization_id}
    db.session.execute(_OPEN)
    db.session.execute(_EMPTY)
    db.session.execute(_persons(staged, company))
    if _CONTACT_ID in staged.said:
        db.session.execute(_FIND_BY_ID, here)
    db.session.execute(_FIND_BY_PHONE, here)
    if _CONTACT_ID in staged.said:
        unknown = _("No contact of this source has this ID, so the contact was looked for by number, email and name.")
        db.session.execute(_REMARK_UNKNOWN_ID, {"column": id_column, "reason": unknown})
    if not db.session.scalar(_IS_LEFT, here):
        db.session.execute(_FIND_BY_COMPANY, here)
        return
    db.session.execute(_ALONE, {"organization": str(organization_id)})
    open_new_cards()
    db.session.execute(_FIND_BY_EMAIL, here)
    _make(organization_id, import_id, _BY_PHONE)
    db.session.execute(_FIND_BY_EMAIL, here)
    _make(organization_id, import_id, _BY_EMAIL)
    db.session.execute(_FIND_BY_COMPANY, here)
    db.session.execute(_FIND_BY_NAME, here)
    db.session.execute(_REMARK_UNCLEAR, {"reason": _("More than one contact has this name, so no contact is linked.")})
    _make(organization_id, import_id, _BY_NAMES)


def _make(organization_id: UUID, import_id: UUID, statements: tuple[TextClause, TextClause]) -> None:
    for statement in statements:
        db.session.execute(statement)
    make_cards(organization_id, import_id)


def _persons(staged: StagedTable, company: str) -> TextClause:
    contact_id = _CONTACT_ID if _CONTACT_ID in staged.said else "NULL"
    return text(f"""
        INSERT INTO staged_persons
        SELECT line, phone, email, lower(email), {company}, lower({company}), first_name, last_name,
          nullif(lower(btrim(coalesce(first_name, '') || ' ' || coalesce(last_name, ''))), ''), NULL, false,
          external_source, {contact_id}
        FROM {staged.name}
        WHERE num_nonnulls(phone, email, {company}, first_name, last_name, {contact_id}) > 0
    """)  # noqa: S608 - names from code; values are bound
