"""Rows of a file that are further properties of the same client: together they are one contact.

The first row gives the contact, and all of them its numbers. A contact has one address, so that of a further property
is only named in a warning.
"""

from flask_babel import gettext as _
from sqlalchemy import text

from app.data.imports.staging_service import affected
from app.extensions import db

_FIND = text("""
    CREATE TEMPORARY TABLE same_clients AS
    SELECT line, first_value(line) OVER same AS first FROM staged_contacts JOIN (
      SELECT external_source, external_id FROM staged_contacts GROUP BY 1, 2 HAVING count(*) > 1
    ) repeated USING (external_source, external_id)
    WINDOW same AS (PARTITION BY external_source, external_id ORDER BY line)
""")
# A change of any of the rows changes the fingerprint.
_JOIN = text("""
    UPDATE staged_contacts SET phones = joined.phones, fingerprint = joined.fingerprint, earlier_fingerprint = NULL
    FROM (
      SELECT first, sha256(string_agg(fingerprint, '' ORDER BY line)) AS fingerprint,
        ARRAY(
          SELECT phone FROM same_clients others JOIN staged_contacts further USING (line)
            CROSS JOIN unnest(further.phones) WITH ORDINALITY AS numbers (phone, place)
          WHERE others.first = same_clients.first
          GROUP BY phone ORDER BY min((line, place))
        ) AS phones
      FROM same_clients JOIN staged_contacts USING (line) GROUP BY first
    ) joined
    WHERE staged_contacts.line = joined.first
""")
_REMARK = text("""
    INSERT INTO staged_errors (line, column_name, value, reason, is_remark)
    SELECT line, :column, left(concat_ws(', ', address_line_1, address_line_2, city, state, zip), 200),
      replace(:reason, '{line}', first::text), true
    FROM same_clients JOIN staged_contacts USING (line) WHERE line > first
""")
_DELETE = text("""
    DELETE FROM staged_contacts USING same_clients
    WHERE staged_contacts.line = same_clients.line AND same_clients.line > first
""")
_END = text("DROP TABLE same_clients")


def join_properties(column: str | None) -> None:
    """Join the staged rows of each client to one, and add a warning to the others; `column` has their address."""
    db.session.execute(_FIND)
    db.session.execute(_JOIN)
    reason = _(
        "This is another property of the contact on line {line}. Its numbers were added, but a contact has only one "
        "address."
    )
    if affected(_REMARK, column=column, reason=reason):
        db.session.execute(_DELETE)
    db.session.execute(_END)
