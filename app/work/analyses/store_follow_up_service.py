"""Effects of staged analyses on leads and contacts, and the suggested and actual tasks created.

Only analyses that have just been written are considered, and only if the call has a contact or a lead.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from app.data.imports.staging_service import StagedRecords, StagedTable, keep_before
from app.db.context import current_context
from app.extensions import db
from app.work.contacts.resource import CONTACT_CARD
from app.work.leads.resource import LEAD
from app.work.tasks.resource import PENDING_ACTION, TASK

# Only the newest analysis of a lead that has a qualification counts. A qualification set by a user is not overwritten.
_FIND_LEADS = text("""
    UPDATE staged_analyses SET changes_lead = true
    FROM leads
    WHERE leads.organization_id = :organization AND leads.id = staged_analyses.lead_id AND leads.deleted_at IS NULL
      AND analysis_id IS NOT NULL AND staged_analyses.qualification_status IS NOT NULL
      AND leads.qualification_source IS DISTINCT FROM 'user'
      AND (leads.qualification_status, leads.qualification_source)
        IS DISTINCT FROM (staged_analyses.qualification_status, 'analysis')
      AND NOT EXISTS (
        SELECT FROM calls JOIN call_analyses later
          ON later.organization_id = :organization AND later.call_id = calls.id
        WHERE calls.organization_id = :organization AND calls.lead_id = leads.id AND calls.id <> staged_analyses.id
          AND later.qualification_status IS NOT NULL AND (later.analysed_at, calls.id) > (at, staged_analyses.id)
      )
""")
_UPDATE_LEADS = text("""
    UPDATE leads SET qualification_status = staged.qualification_status, qualification_source = 'analysis',
      version = version + 1
    FROM staged_analyses staged
    WHERE leads.organization_id = :organization AND leads.id = staged.lead_id AND changes_lead
""")
# Only the last analyzed call of a contact counts.
_CARD_COLUMNS = ("last_call_summary", "primary_intent", "risks")
_OF_CARDS = """
    coalesce(staged.summary, last_call_summary), coalesce(staged.primary_intent, contact_cards.primary_intent),
    CASE WHEN staged.risks = '{}' THEN contact_cards.risks ELSE staged.risks END
"""
_FIND_CARDS = text(f"""
    UPDATE staged_analyses staged SET changes_card = true
    FROM calls, contact_cards
    WHERE calls.organization_id = :organization AND calls.id = staged.id AND analysis_id IS NOT NULL
      AND contact_cards.organization_id = :organization AND contact_cards.id = card_id
      AND contact_cards.deleted_at IS NULL
      AND ({", ".join(f"contact_cards.{name}" for name in _CARD_COLUMNS)}) IS DISTINCT FROM ({_OF_CARDS})
      AND NOT EXISTS (
        SELECT FROM calls later JOIN call_analyses analysis
          ON analysis.organization_id = :organization AND analysis.call_id = later.id
        WHERE later.organization_id = :organization AND later.contact_card_id = card_id
          AND (later.started_at, later.id) > (calls.started_at, calls.id)
      )
""")  # noqa: S608 - names from code; values are bound
_UPDATE_CARDS = text(f"""
    UPDATE contact_cards SET ({", ".join(_CARD_COLUMNS)}, version) = ROW ({_OF_CARDS}, contact_cards.version + 1)
    FROM staged_analyses staged
    WHERE contact_cards.organization_id = :organization AND contact_cards.id = card_id AND changes_card
""")  # noqa: S608 - names from code; values are bound
# Actions from a CSR's call are assigned to that CSR. Actions from a sales or visit call are assigned to the first of
# its reps who is an active user: the assigned rep, the rep who handled it, the rep of the recorded appointment, or the
# rep of an appointment booked on the call (latest first). An action that already exists, done or not, is not created
# again. Of several equal ones, the first one is created. Each created action gets a task.
_MAKE_ACTIONS = """
    WITH takers AS (
      SELECT calls.id AS call_id, 'csr' AS kind, calls.csr_id AS user_id
      FROM calls
      WHERE calls.organization_id = :organization AND calls.id IN (SELECT id FROM staged_analyses)
        AND calls.call_type = 'csr_call'
      UNION ALL
      SELECT calls.id, 'sales_rep', (
        SELECT people.id
        FROM (
          SELECT 1, NULL::timestamptz, calls.assigned_rep_id
          UNION ALL
          SELECT 2, NULL, calls.handled_by_user_id
          UNION ALL
          SELECT 3, NULL, coalesce(visits.sales_rep_id, recordings.sales_rep_id)
          FROM recording_sessions recordings JOIN appointments visits
            ON visits.organization_id = :organization AND visits.id = recordings.appointment_id
          WHERE recordings.organization_id = :organization AND recordings.call_id = calls.id
          UNION ALL
          SELECT 4, visits.scheduled_start_at, visits.sales_rep_id
          FROM appointments visits
          WHERE visits.organization_id = :organization AND visits.source_call_id = calls.id
            AND visits.deleted_at IS NULL
        ) reps (place, at, user_id)
        JOIN users people ON people.organization_id = :organization AND people.id = reps.user_id
          AND people.deleted_at IS NULL AND people.status = 'active'
        WHERE place <> 2 OR people.role = 'sales_rep'
        ORDER BY place, at DESC LIMIT 1
      )
      FROM calls
      WHERE calls.organization_id = :organization AND calls.id IN (SELECT id FROM staged_analyses)
        AND calls.call_type <> 'csr_call'
    ), made AS (
      INSERT INTO pending_actions (organization_id, id, contact_card_id, call_id, assigned_to_type,
        assigned_to_user_id, category, raw_text, due_at, created_by, created_by_label)
      SELECT :organization, new_uuid7(), card_id, staged.id, takers.kind, takers.user_id, item ->> 'category',
        item ->> 'text', (item ->> 'due_at')::timestamptz, :actor, :actor_label
      FROM staged_analyses staged JOIN takers ON takers.call_id = staged.id,
      LATERAL jsonb_array_elements(pending_actions) WITH ORDINALITY items (item, place)
      WHERE card_id IS NOT NULL AND analysis_id IS NOT NULL
      ORDER BY staged.line, place
      ON CONFLICT DO NOTHING
      RETURNING *
    ), tasks_made AS (
      INSERT INTO tasks (organization_id, id, title, description, assigned_to_type, assigned_to_user_id, due_at,
        contact_card_id, call_id, pending_action_id, category, source, created_by, created_by_label)
      SELECT :organization, new_uuid7(), left(raw_text, 200), CASE WHEN length(raw_text) > 200 THEN raw_text END,
        assigned_to_type, assigned_to_user_id, due_at, contact_card_id, call_id, id, category, 'system', :actor,
        :actor_label
      FROM made ORDER BY id
      ON CONFLICT DO NOTHING
      RETURNING id, call_id
    ), created AS (
      SELECT CAST(:action AS text) AS resource, id, call_id FROM made
      UNION ALL
      SELECT :task, id, call_id FROM tasks_made
    )
"""
_RECORD = text(f"""{_MAKE_ACTIONS}
    INSERT INTO import_rows (organization_id, id, import_id, line, resource, record_id, effect)
    SELECT :organization, new_uuid7(), :import, line, resource, created.id, 'created'
    FROM created JOIN staged_analyses ON staged_analyses.id = created.call_id
""")  # noqa: S608 - names from code; values are bound
_RETURN = text(f"{_MAKE_ACTIONS} SELECT resource, id FROM created")  # noqa: S608 - names from code; values are bound

#: A record that was created: the name of its resource, and its id.
Created = tuple[str, UUID]


def store_follow_ups(organization_id: UUID, import_id: UUID | None, staged: StagedTable) -> Sequence[Created]:
    """Apply the follow-ups of the analyses that were just written, and return the actions and tasks created.

    Those created by an import are recorded with it instead.
    """
    here = {"organization": organization_id}
    db.session.execute(_FIND_LEADS, here)
    leads = StagedRecords(staged, "lead_id", "changes_lead")
    keep_before(organization_id, import_id, LEAD.name, leads, "leads", ("qualification_status", "qualification_source"))
    db.session.execute(_UPDATE_LEADS, here)
    db.session.execute(_FIND_CARDS, here)
    cards = StagedRecords(staged, "card_id", "changes_card")
    keep_before(organization_id, import_id, CONTACT_CARD.name, cards, "contact_cards", _CARD_COLUMNS)
    db.session.execute(_UPDATE_CARDS, here)
    context = current_context()
    by = {"actor": context.reference_id, "actor_label": context.actor_label}
    values = {**here, **by, "action": PENDING_ACTION.name, "task": TASK.name}
    if import_id is None:
        return [(resource, record_id) for resource, record_id in db.session.execute(_RETURN, values)]
    db.session.execute(_RECORD, {**values, "import": import_id})
    return ()
