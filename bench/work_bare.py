"""Minimal pages of daily work, in as few statements as possible.

They show the same rows as the product's pages, under the conditions of `bench.bare`. Data that a list shows in addition
to its rows, such as the last attempt, is included.
"""

from dataclasses import dataclass

from bench.bare import Statements

_CALLED = "coalesce(k.full_name, nullif(k.company_name, ''), k.primary_phone)"


def _card(of: str) -> str:
    return f"LEFT JOIN contact_cards k ON k.organization_id = {of}.organization_id AND k.id = {of}.contact_card_id"


def _person(of: str, column: str, name: str) -> str:
    return f"LEFT JOIN users {name} ON {name}.organization_id = {of}.organization_id AND {name}.id = {of}.{column}"


@dataclass(frozen=True, slots=True)
class BareList:
    """A list of the table aliased as `name` in `rows`, in the order of `moment`."""

    rows: str
    name: str
    moment: str

    def page(self, organization: str, where: str, cursor: tuple[str, str] | None, *, is_rising: bool) -> Statements:
        """Return the statement for 50 rows after the position of a cursor."""
        way, after = ("", ">") if is_rising else (" DESC", "<")
        place = f" AND ({self.moment}, {self.name}.id) {after} ('{cursor[0]}', '{cursor[1]}')" if cursor else ""
        own = f"{self.name}.organization_id = %(organization)s AND {where}{place}"
        order = f"{self.moment}{way}, {self.name}.id{way}"
        return [(f"{self.rows} WHERE {own} ORDER BY {order} LIMIT 50", {"organization": organization})]


_CONTACTS = f"""
SELECT k.id, k.version, {_CALLED}, k.company_name, k.primary_phone, k.email, k.city, k.source, k.tags, k.created_at,
       (SELECT max(started_at) FROM calls c WHERE c.organization_id = k.organization_id AND c.contact_card_id = k.id)
FROM contact_cards k
"""
_LEADS = f"""
SELECT l.id, l.version, l.stage, l.qualification_status, l.last_activity_at, {_CALLED}, k.primary_phone,
       c.name AS csr, r.name AS rep
FROM leads l {_card("l")} {_person("l", "csr_id", "c")} {_person("l", "assigned_rep_id", "r")}
"""
_APPOINTMENTS = f"""
SELECT a.id, a.version, a.scheduled_start_at, a.booked_at, a.service_type, a.status, a.outcome, a.deal_value, a.city,
       {_CALLED}, c.name, r.name
FROM appointments a {_card("a")} {_person("a", "csr_id", "c")} {_person("a", "sales_rep_id", "r")}
"""
_TASKS = f"""
SELECT t.id, t.version, t.title, t.status, t.priority, t.due_at, t.call_id, {_CALLED}, u.name
FROM tasks t {_card("t")} {_person("t", "assigned_to_user_id", "u")}
"""
_MISSED = f"""
SELECT m.id, m.status, m.first_missed_at, m.sla_due_at, m.attempts, m.claim_expires_at, c.caller_number, c.topic,
       {_CALLED}, u.name, w.result, w.at
FROM missed_call_entries m JOIN calls c ON c.organization_id = m.organization_id AND c.id = m.call_id
{_card("m")} {_person("m", "claimed_by", "u")}
LEFT JOIN LATERAL (
  SELECT result, at FROM missed_call_attempts w WHERE w.organization_id = m.organization_id AND w.entry_id = m.id
  ORDER BY at DESC LIMIT 1
) w ON m.attempts > 0
"""

CONTACTS = BareList(_CONTACTS, "k", "k.created_at")
CONTACTS_BY_NAME = BareList(_CONTACTS, "k", "coalesce(k.name_key, nullif(k.company_key, ''), k.primary_phone, '')")
LEADS = BareList(_LEADS, "l", "l.last_activity_at")
APPOINTMENTS = BareList(_APPOINTMENTS, "a", "a.scheduled_start_at")
TASKS = BareList(_TASKS, "t", "coalesce(t.due_at, '9999-01-01 00:00:00+00'::timestamptz)")
MISSED = BareList(_MISSED, "m", "m.first_missed_at")

_BOARD = f"""
SELECT s.stage, l.*, about.topic, visit.scheduled_start_at, task.title, task.due_at
FROM unnest(ARRAY['new', 'qualified', 'booked', 'pending', 'dead']) s (stage)
CROSS JOIN LATERAL (
  SELECT found.*, l.contact_card_id AS card FROM ({_LEADS}
    WHERE l.organization_id = %(organization)s AND l.stage = s.stage AND l.deleted_at IS NULL AND {{where}}
      AND (s.stage = 'dead' OR l.closed_at IS NULL)
    ORDER BY l.last_activity_at DESC, l.id DESC LIMIT 20) found
  JOIN leads l ON l.organization_id = %(organization)s AND l.id = found.id
) l
LEFT JOIN LATERAL (
  SELECT topic FROM calls c WHERE c.organization_id = %(organization)s AND c.lead_id = l.id
  ORDER BY started_at DESC LIMIT 1
) about ON true
LEFT JOIN LATERAL (
  SELECT scheduled_start_at FROM appointments a
  WHERE a.organization_id = %(organization)s AND a.lead_id = l.id AND a.status = 'scheduled'
  ORDER BY scheduled_start_at LIMIT 1
) visit ON true
LEFT JOIN LATERAL (
  SELECT title, due_at FROM tasks t
  WHERE t.organization_id = %(organization)s AND t.contact_card_id = l.card AND t.status IN ('pending', 'in_progress')
  ORDER BY due_at LIMIT 1
) task ON true
"""
_HAPPENED = """
SELECT * FROM (
  (SELECT 'call', c.id, c.started_at AS at, c.direction, c.status, c.outcome, c.topic, u.name, a.summary
   FROM calls c LEFT JOIN users u ON u.organization_id = c.organization_id AND u.id = c.csr_id
   LEFT JOIN call_analyses a ON a.organization_id = c.organization_id AND a.call_id = c.id
   WHERE c.organization_id = %(organization)s AND c.contact_card_id = %(id)s ORDER BY 3 DESC LIMIT 31)
  UNION ALL
  (SELECT 'appointment', a.id, scheduled_start_at, service_type, a.status, outcome, cancelled_reason, u.name,
          lost_reason
   FROM appointments a LEFT JOIN users u ON u.organization_id = a.organization_id AND u.id = a.sales_rep_id
   WHERE a.organization_id = %(organization)s AND a.contact_card_id = %(id)s ORDER BY 3 DESC LIMIT 31)
  UNION ALL
  (SELECT 'lead', l.id, l.created_at, stage, qualification_status, source, dead_reason, u.name, NULL
   FROM leads l LEFT JOIN users u ON u.organization_id = l.organization_id AND u.id = l.assigned_rep_id
   WHERE l.organization_id = %(organization)s AND l.contact_card_id = %(id)s ORDER BY 3 DESC LIMIT 31)
  UNION ALL
  (SELECT 'task', t.id, t.created_at, title, t.status, priority, NULL, u.name, NULL
   FROM tasks t LEFT JOIN users u ON u.organization_id = t.organization_id AND u.id = t.assigned_to_user_id
   WHERE t.organization_id = %(organization)s AND t.contact_card_id = %(id)s ORDER BY 3 DESC LIMIT 31)
) lines ORDER BY at DESC LIMIT 31
"""
_CONTACT = f"""
SELECT k.id, {_CALLED}, k.company_name, k.email, k.address_line_1, k.city, k.state, k.zip, k.source, k.tags,
       k.created_at, k.sms_opt_out_at, array_agg(p.phone)
FROM contact_cards k
LEFT JOIN contact_phones p ON p.organization_id = k.organization_id AND p.contact_card_id = k.id
WHERE k.organization_id = %(organization)s AND k.id = %(id)s GROUP BY k.organization_id, k.id
"""


def board(organization: str, where: str) -> Statements:
    """Return the statement for the 20 most recently moved leads of each stage, with their next steps."""
    return [(_BOARD.format(where=where), {"organization": organization})]


def contact(organization: str, contact_id: str) -> Statements:
    """Return the statements for a contact and for its latest calls, appointments, leads and tasks."""
    given = {"organization": organization, "id": contact_id}
    return [(_CONTACT, given), (_HAPPENED, given)]


def one(of: BareList, organization: str, row_id: str) -> Statements:
    """Return the statement for one row in the form of its list."""
    found = f"{of.rows} WHERE {of.name}.organization_id = %(organization)s AND {of.name}.id = %(id)s"
    return [(found, {"organization": organization, "id": row_id})]
