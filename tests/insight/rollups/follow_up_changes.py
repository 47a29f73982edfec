"""Random changes of what follows up calls: their contacts, later calls, appointments, tasks, suggested tasks, texts."""

_CONTACT = """(SELECT id FROM contact_cards WHERE organization_id = :organization
               ORDER BY md5(id::text || :salt) LIMIT 1)"""
_CALL = "(SELECT id FROM calls WHERE organization_id = :organization ORDER BY md5(id::text || :salt) LIMIT 1)"


def _update(table: str, change: str) -> str:
    return f"""
        UPDATE {table} SET {change} WHERE organization_id = :organization AND id = (
          SELECT id FROM {table} WHERE organization_id = :organization ORDER BY md5(id::text || :salt) LIMIT 1)
    """


def _delete(table: str) -> str:
    return f"""
        DELETE FROM {table} WHERE organization_id = :organization AND id = (
          SELECT id FROM {table} WHERE organization_id = :organization ORDER BY md5(id::text || :salt) LIMIT 1)
    """


#: Statements with the parameters organization, salt (random text) and moment.
FOLLOW_UP_CHANGES = (
    """
        INSERT INTO contact_cards (organization_id, id, first_name)
        SELECT :organization, gen_random_uuid(), 'Dana' FROM generate_series(1, 5)
    """,
    """
        UPDATE calls SET contact_card_id = contacts.id
        FROM (SELECT id, row_number() OVER (ORDER BY id) AS number, count(*) OVER () AS all_of_them
              FROM contact_cards WHERE organization_id = :organization) contacts
        WHERE calls.id IN (
            SELECT id FROM calls WHERE organization_id = :organization AND md5(id::text || :salt) < '6'
            ORDER BY id FOR UPDATE)
          AND ascii(md5(calls.id::text)) % all_of_them + 1 = number
    """,
    _update("calls", f"contact_card_id = {_CONTACT}"),
    _update("calls", "contact_card_id = NULL"),
    _update("calls", "booking_status = 'not_booked', status = 'completed', call_type = 'csr_call'"),
    f"""
        INSERT INTO calls (organization_id, id, contact_card_id, direction, call_type, status, started_at)
        VALUES (:organization, gen_random_uuid(), {_CONTACT}, 'inbound', 'csr_call', 'missed', :moment)
    """,
    _update("calls", "status = 'voicemail'"),
    _update("calls", "answered_at = NULL"),
    _update("calls", "answered_at = started_at"),
    _update("calls", "direction = CASE direction WHEN 'inbound' THEN 'outbound' ELSE 'inbound' END"),
    _update("appointments", f"contact_card_id = {_CONTACT}"),
    _update("appointments", f"source_call_id = {_CALL}"),
    _update("appointments", "source_call_id = NULL"),
    _update("appointments", "booked_at = booked_at - interval '5 days'"),
    f"""
        INSERT INTO tasks (organization_id, id, title, contact_card_id)
        VALUES (:organization, gen_random_uuid(), 'Call back', {_CONTACT})
    """,
    f"""
        INSERT INTO tasks (organization_id, id, title, call_id)
        VALUES (:organization, gen_random_uuid(), 'Call back', {_CALL})
    """,
    _update("tasks", "status = 'completed', completed_at = :moment"),
    _update("tasks", "status = 'pending', completed_at = NULL"),
    _update("tasks", "deleted_at = :moment"),
    _update("tasks", f"call_id = {_CALL}, contact_card_id = NULL"),
    _delete("tasks"),
    f"""
        INSERT INTO pending_actions (organization_id, id, contact_card_id, call_id, category, raw_text)
        VALUES (:organization, gen_random_uuid(), {_CONTACT}, {_CALL}, 'other', :salt)
    """,
    _update("pending_actions", "status = 'dismissed'"),
    _update("pending_actions", f"contact_card_id = {_CONTACT}"),
    _delete("pending_actions"),
    f"""
        INSERT INTO messages (organization_id, id, channel, direction, to_address, body, contact_card_id, created_at)
        VALUES (:organization, gen_random_uuid(), 'sms', 'inbound', '+15125550143', 'Hello', {_CONTACT}, :moment)
    """,
    f"""
        INSERT INTO messages (organization_id, id, channel, to_address, body, contact_card_id, created_at)
        VALUES (:organization, gen_random_uuid(), 'sms', '+15125550143', 'Hello', {_CONTACT}, :moment)
    """,
    _update("messages", "status = 'sent', sent_at = :moment"),
    _update("messages", "status = 'failed', sent_at = NULL"),
    _delete("messages"),
)
