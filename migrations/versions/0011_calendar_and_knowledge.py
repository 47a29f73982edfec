"""Calendars, busy times, suggested tasks, and the knowledge base."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import Reference, audit, create_tenant_table

revision = "0011_calendar_and_knowledge"
down_revision = "0010_telephony"
branch_labels = None
depends_on = None

description = "Calendars, busy times, pending actions, knowledge"
breaking = False


def _calendars() -> None:
    create_tenant_table(
        "calendars",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner_user_id", sa.Uuid()),
        sa.Column("color", sa.Text(), server_default="blue", nullable=False),
        sa.CheckConstraint("color IN ('blue', 'green', 'amber', 'red', 'violet', 'teal', 'gray')", name="check_color"),
        sa.CheckConstraint("char_length(name) BETWEEN 2 AND 60", name="check_name_length"),
        references=[Reference("owner_user_id", "users")],
        versioned=True,
    )
    op.create_index("idx_calendars_name", "calendars", ["organization_id", sa.literal_column("lower(name)"), "id"])
    audit("calendars", "calendar")


def _events() -> None:
    create_tenant_table(
        "events",
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text()),
        sa.Column("start_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("location", sa.Text()),
        sa.Column("organizer_id", sa.Uuid(), nullable=False),
        sa.Column("calendar_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), server_default="confirmed", nullable=False),
        sa.Column("created_by", sa.Uuid()),
        sa.Column("created_by_label", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("status IN ('confirmed', 'tentative', 'cancelled')", name="check_status"),
        sa.CheckConstraint("char_length(type) BETWEEN 1 AND 50", name="check_type_length"),
        sa.CheckConstraint("char_length(title) BETWEEN 1 AND 200", name="check_title_length"),
        sa.CheckConstraint("char_length(description) BETWEEN 0 AND 2000", name="check_description_length"),
        sa.CheckConstraint("char_length(location) BETWEEN 0 AND 500", name="check_location_length"),
        sa.CheckConstraint("end_at > start_at", name="check_event_end_after_start"),
        references=[
            Reference("organizer_id", "users", "RESTRICT"),
            Reference("calendar_id", "calendars", "RESTRICT"),
            Reference("created_by", "users"),
        ],
        versioned=True,
        soft_deleted=True,
    )
    op.create_index("idx_events_start", "events", ["organization_id", "start_at", "id"])
    op.create_index("idx_events_organizer", "events", ["organization_id", "organizer_id"])
    op.create_index("idx_events_calendar", "events", ["organization_id", "calendar_id"])
    op.create_index("idx_events_deleted", "events", ["organization_id", "is_deleted"])
    audit("events", "event")


def _event_attendees() -> None:
    create_tenant_table(
        "event_attendees",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.UniqueConstraint("organization_id", "event_id", "user_id", name="uq_event_attendees_event_user"),
        references=[Reference("event_id", "events", "CASCADE"), Reference("user_id", "users", "CASCADE")],
    )
    op.create_index("idx_event_attendees_user", "event_attendees", ["organization_id", "user_id"])
    audit("event_attendees", "event_attendee")


def _busy_times() -> None:
    op.execute("CREATE TYPE uuid_range AS RANGE (subtype = uuid)")
    same = "uuid_range({0}, {0}, '[]')".format
    create_tenant_table(
        "busy_times",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("range", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid()),
        sa.Column("appointment_id", sa.Uuid()),
        sa.CheckConstraint("source IN ('appointment', 'event', 'time_off')", name="check_source"),
        sa.CheckConstraint(
            "CASE source WHEN 'appointment' THEN appointment_id IS NOT NULL AND event_id IS NULL "
            "ELSE event_id IS NOT NULL AND appointment_id IS NULL END",
            name="check_busy_times_source_row",
        ),
        postgresql.ExcludeConstraint(
            (sa.text(same("organization_id")), "&&"),
            (sa.text(same("user_id")), "&&"),
            ("range", "&&"),
            name="busy_times_overlap",
            using="gist",
        ),
        references=[
            Reference("user_id", "users", "CASCADE"),
            Reference("event_id", "events", "CASCADE"),
            Reference("appointment_id", "appointments", "CASCADE"),
        ],
    )
    op.create_index("idx_busy_times_user", "busy_times", ["organization_id", "user_id"])
    op.create_index("idx_busy_times_event", "busy_times", ["organization_id", "event_id"])
    op.create_index("idx_busy_times_appointment", "busy_times", ["organization_id", "appointment_id"])
    op.execute("REVOKE INSERT, UPDATE, DELETE ON busy_times FROM app_rw")


# The lock serializes two bookings of the same person, so that the second one is told about the first. A transaction
# whose snapshot is older than its lock does not see the first one: then the table's constraint rejects it, without
# naming the other.
OCCUPY = """
CREATE FUNCTION occupy(
  organization uuid, person uuid, wanted tstzrange, kind text, event uuid, appointment uuid
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  other record;
BEGIN
  PERFORM FROM users WHERE organization_id = organization AND id = person FOR NO KEY UPDATE;
  SELECT busy.source, busy.range, coalesce(busy.event_id, busy.appointment_id) AS id,
         coalesce(events.title, appointments.service_type) AS name, users.name AS person_name
  INTO other
  FROM busy_times busy
  JOIN users ON users.organization_id = busy.organization_id AND users.id = busy.user_id
  LEFT JOIN events ON events.organization_id = busy.organization_id AND events.id = busy.event_id
  LEFT JOIN appointments
    ON appointments.organization_id = busy.organization_id AND appointments.id = busy.appointment_id
  WHERE uuid_range(busy.organization_id, busy.organization_id, '[]') && uuid_range(organization, organization, '[]')
    AND uuid_range(busy.user_id, busy.user_id, '[]') && uuid_range(person, person, '[]')
    AND busy.range && wanted
  ORDER BY busy.source <> 'time_off', lower(busy.range)
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'this person is in something else at that time' USING
      ERRCODE = '23P01', TABLE = 'busy_times',
      CONSTRAINT = CASE other.source WHEN 'time_off' THEN 'user_not_available' ELSE 'event_time_conflict' END,
      DETAIL = jsonb_build_object(
        'id', other.id, 'type', other.source, 'name', other.name, 'start', lower(other.range),
        'end', upper(other.range), 'person', jsonb_build_object('id', person, 'name', other.person_name)
      )::text;
  END IF;
  INSERT INTO busy_times (organization_id, id, user_id, range, source, event_id, appointment_id)
  VALUES (organization, new_uuid7(), person, wanted, kind, event, appointment);
END
$$
"""

# In the order of their IDs, so that two events with the same people do not deadlock.
EVENT_TAKES_TIME = """
CREATE FUNCTION event_takes_time() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  person uuid;
BEGIN
  DELETE FROM busy_times WHERE organization_id = NEW.organization_id AND event_id = NEW.id;
  IF NEW.status = 'confirmed' AND NEW.deleted_at IS NULL THEN
    FOR person IN
      SELECT NEW.organizer_id
      UNION SELECT user_id FROM event_attendees WHERE organization_id = NEW.organization_id AND event_id = NEW.id
      ORDER BY 1
    LOOP
      PERFORM occupy(
        NEW.organization_id, person, tstzrange(NEW.start_at, NEW.end_at),
        CASE NEW.type WHEN 'time_off' THEN 'time_off' ELSE 'event' END, NEW.id, NULL
      );
    END LOOP;
  END IF;
  RETURN NULL;
END
$$
"""

# The event is locked first: a concurrent move of the event is awaited, and finds this attendee afterwards. If the event
# itself is being deleted it is not found, and its busy times are deleted with it.
ATTENDEE_TAKES_TIME = """
CREATE FUNCTION attendee_takes_time() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  event events;
BEGIN
  IF TG_OP <> 'INSERT' THEN
    SELECT * INTO event FROM events WHERE organization_id = OLD.organization_id AND id = OLD.event_id FOR SHARE;
    DELETE FROM busy_times
    WHERE organization_id = OLD.organization_id AND event_id = OLD.event_id AND user_id = OLD.user_id
      AND user_id <> event.organizer_id;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    SELECT * INTO event FROM events WHERE organization_id = NEW.organization_id AND id = NEW.event_id FOR SHARE;
    IF event.status = 'confirmed' AND event.deleted_at IS NULL AND event.organizer_id <> NEW.user_id THEN
      PERFORM occupy(
        NEW.organization_id, NEW.user_id, tstzrange(event.start_at, event.end_at),
        CASE event.type WHEN 'time_off' THEN 'time_off' ELSE 'event' END, event.id, NULL
      );
    END IF;
  END IF;
  RETURN NULL;
END
$$
"""

APPOINTMENT_TAKES_TIME = """
CREATE FUNCTION appointment_takes_time() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  DELETE FROM busy_times WHERE organization_id = NEW.organization_id AND appointment_id = NEW.id;
  IF NEW.sales_rep_id IS NOT NULL AND NEW.status IN ('scheduled', 'completed')
     AND NEW.deleted_at IS NULL AND NEW.external_id IS NULL
  THEN
    PERFORM occupy(
      NEW.organization_id, NEW.sales_rep_id, tstzrange(NEW.scheduled_start_at, NEW.scheduled_end_at),
      'appointment', NULL, NEW.id
    );
  END IF;
  RETURN NULL;
END
$$
"""

# For double bookings made before this rule, the first booking keeps the time; the other is rejected once it moves.
APPOINTMENTS_SO_FAR = """
INSERT INTO busy_times (organization_id, id, user_id, range, source, appointment_id)
SELECT organization_id, new_uuid7(), sales_rep_id, tstzrange(scheduled_start_at, scheduled_end_at), 'appointment', id
FROM appointments
WHERE sales_rep_id IS NOT NULL AND status IN ('scheduled', 'completed') AND deleted_at IS NULL AND external_id IS NULL
ORDER BY booked_at, id
ON CONFLICT DO NOTHING
"""

# Only the columns that determine the time: an older appointment can be completed even if it was double-booked.
_EVENT_TIME = (
    "({0}.organizer_id, {0}.start_at, {0}.end_at, {0}.type = 'time_off', {0}.status = 'confirmed', "
    "{0}.deleted_at IS NULL)"
)
_APPOINTMENT_TIME = (
    "({0}.sales_rep_id, {0}.scheduled_start_at, {0}.scheduled_end_at, {0}.status IN ('scheduled', 'completed'), "
    "{0}.deleted_at IS NULL, {0}.external_id IS NULL)"
)


def _nobody_is_in_two_places() -> None:
    for function in (OCCUPY, EVENT_TAKES_TIME, ATTENDEE_TAKES_TIME, APPOINTMENT_TAKES_TIME):
        op.execute(function)
    for table, function, facts in (
        ("events", "event_takes_time", _EVENT_TIME),
        ("appointments", "appointment_takes_time", _APPOINTMENT_TIME),
    ):
        op.execute(f"CREATE TRIGGER takes_time AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()")
        op.execute(
            f"CREATE TRIGGER takes_other_time AFTER UPDATE ON {table} FOR EACH ROW "
            f"WHEN ({facts.format('OLD')} IS DISTINCT FROM {facts.format('NEW')}) EXECUTE FUNCTION {function}()"
        )
    op.execute(
        "CREATE TRIGGER takes_time AFTER INSERT OR DELETE OR UPDATE OF event_id, user_id ON event_attendees "
        "FOR EACH ROW EXECUTE FUNCTION attendee_takes_time()"
    )
    op.execute(APPOINTMENTS_SO_FAR)


def _pending_actions() -> None:
    create_tenant_table(
        "pending_actions",
        sa.Column("contact_card_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid()),
        sa.Column("appointment_id", sa.Uuid()),
        sa.Column("assigned_to_type", sa.Text(), server_default="csr", nullable=False),
        sa.Column("assigned_to_user_id", sa.Uuid()),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("raw_text", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("created_by", sa.Uuid()),
        sa.Column("created_by_label", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("assigned_to_type IN ('csr', 'sales_rep', 'exec', 'system')", name="check_assigned_to_type"),
        sa.CheckConstraint(
            "category IN ('call_back', 'send_information', 'confirm_details', 'prepare_visit', 'schedule_visit', "
            "'billing_review', 'manager_review', 'other')",
            name="check_category",
        ),
        sa.CheckConstraint("status IN ('open', 'in_progress', 'completed', 'cancelled')", name="check_status"),
        sa.CheckConstraint("char_length(raw_text) BETWEEN 1 AND 5000", name="check_raw_text_length"),
        sa.UniqueConstraint(
            "organization_id",
            "contact_card_id",
            "category",
            "due_at",
            name="uq_pending_actions_contact_category_due",
            postgresql_nulls_not_distinct=True,
        ),
        references=[
            Reference("contact_card_id", "contact_cards", "CASCADE"),
            Reference("call_id", "calls"),
            Reference("appointment_id", "appointments"),
            Reference("assigned_to_user_id", "users"),
            Reference("created_by", "users"),
        ],
        versioned=True,
        soft_deleted=True,
    )
    for name, columns in {
        "idx_pending_actions_assignee_due": ["assigned_to_user_id", "status", "due_at", "id"],
        "idx_pending_actions_created_by": ["created_by"],
        "idx_pending_actions_call": ["call_id"],
        "idx_pending_actions_appointment": ["appointment_id"],
        "idx_pending_actions_deleted": ["is_deleted"],
    }.items():
        op.create_index(name, "pending_actions", ["organization_id", *columns])
    audit("pending_actions", "pending_action")


# A task created from a pending action is kept in sync with it: a change of one is applied to the other in the same
# transaction, whoever writes. It is an edit of both, so both get a new version.
TASK_IS_ITS_ACTION = """
CREATE FUNCTION task_is_its_action() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  action_status text;
BEGIN
  SELECT status INTO action_status FROM pending_actions
  WHERE organization_id = NEW.organization_id AND id = NEW.pending_action_id FOR NO KEY UPDATE;
  IF FOUND THEN
    NEW.status := CASE action_status WHEN 'open' THEN 'pending' ELSE action_status END;
    NEW.completed_at := CASE action_status WHEN 'completed' THEN coalesce(NEW.completed_at, clock_timestamp()) END;
  END IF;
  RETURN NEW;
END
$$
"""

ACTION_FOLLOWS_TASK = """
CREATE FUNCTION action_follows_task() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  wanted text := CASE NEW.status WHEN 'pending' THEN 'open' ELSE NEW.status END;
BEGIN
  UPDATE pending_actions SET status = wanted, version = version + 1
  WHERE organization_id = NEW.organization_id AND id = NEW.pending_action_id AND status <> wanted;
  RETURN NULL;
END
$$
"""

TASK_FOLLOWS_ACTION = """
CREATE FUNCTION task_follows_action() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  wanted text := CASE NEW.status WHEN 'open' THEN 'pending' ELSE NEW.status END;
BEGIN
  UPDATE tasks SET status = wanted, version = version + 1,
         completed_at = CASE wanted WHEN 'completed' THEN clock_timestamp() END
  WHERE organization_id = NEW.organization_id AND pending_action_id = NEW.id AND status <> wanted;
  RETURN NULL;
END
$$
"""


def _tasks_of_pending_actions() -> None:
    op.execute(
        "ALTER TABLE tasks ADD CONSTRAINT fk_tasks_pending_action_id FOREIGN KEY (organization_id, pending_action_id) "
        "REFERENCES pending_actions (organization_id, id) ON DELETE SET NULL (pending_action_id) NOT VALID"
    )
    # Fast: no task refers to an action yet, as the index shows.
    op.execute(
        "-- squawk-ignore constraint-missing-not-valid\n"
        "ALTER TABLE tasks VALIDATE CONSTRAINT fk_tasks_pending_action_id"
    )
    for function in (TASK_IS_ITS_ACTION, ACTION_FOLLOWS_TASK, TASK_FOLLOWS_ACTION):
        op.execute(function)
    op.execute(
        "CREATE TRIGGER is_its_action BEFORE INSERT OR UPDATE OF pending_action_id ON tasks FOR EACH ROW "
        "WHEN (NEW.pending_action_id IS NOT NULL) EXECUTE FUNCTION task_is_its_action()"
    )
    op.execute(
        "CREATE TRIGGER action_follows AFTER UPDATE OF status ON tasks FOR EACH ROW "
        "WHEN (NEW.pending_action_id IS NOT NULL AND NEW.status <> OLD.status) EXECUTE FUNCTION action_follows_task()"
    )
    op.execute(
        "CREATE TRIGGER task_follows AFTER UPDATE OF status ON pending_actions FOR EACH ROW "
        "WHEN (NEW.status <> OLD.status) EXECUTE FUNCTION task_follows_action()"
    )


_STEMS = (
    "CASE language WHEN 'en' THEN 'english'::regconfig WHEN 'ru' THEN 'russian'::regconfig ELSE 'simple'::regconfig END"
)
_SEARCH_WORDS = (
    "array_to_tsvector(ARRAY['o:' || organization_id::text])"
    " || setweight(to_tsvector('simple'::regconfig, question), 'A')"
    f" || setweight(to_tsvector({_STEMS}, question), 'B')"
    f" || setweight(to_tsvector({_STEMS}, answer), 'D')"
)


def _knowledge_items() -> None:
    create_tenant_table(
        "knowledge_items",
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), server_default="en", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("usage_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True)),
        sa.Column("search", postgresql.TSVECTOR(), sa.Computed(_SEARCH_WORDS, persisted=True), nullable=False),
        sa.CheckConstraint("language IN ('en', 'ru', 'uz')", name="check_language"),
        sa.CheckConstraint("char_length(question) BETWEEN 10 AND 500", name="check_question_length"),
        sa.CheckConstraint("char_length(answer) BETWEEN 10 AND 5000", name="check_answer_length"),
        sa.CheckConstraint("char_length(category) BETWEEN 1 AND 50", name="check_category_length"),
        sa.CheckConstraint("usage_count >= 0", name="check_usage_count_positive"),
        versioned=True,
        soft_deleted=True,
    )
    op.create_index("idx_knowledge_category", "knowledge_items", ["organization_id", "category", "is_active"])
    op.create_index(
        "idx_knowledge_usage",
        "knowledge_items",
        ["organization_id", sa.literal_column("usage_count DESC"), sa.literal_column("last_used_at DESC")],
    )
    op.create_index("idx_knowledge_deleted", "knowledge_items", ["organization_id", "is_deleted"])
    op.create_index("idx_knowledge_search", "knowledge_items", ["search"], postgresql_using="gin")
    audit("knowledge_items", "knowledge_item", ignored=("search", "usage_count", "last_used_at"))


def upgrade() -> None:
    # There can be many tasks, so the index is built concurrently, outside the transaction; if the rest fails, this does
    # no harm and is repeated.
    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE tasks ADD COLUMN IF NOT EXISTS pending_action_id uuid")
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS uq_tasks_pending_action")
        op.execute(
            "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS uq_tasks_pending_action "
            "ON tasks (organization_id, pending_action_id)"
        )
    _calendars()
    _events()
    _event_attendees()
    _busy_times()
    _nobody_is_in_two_places()
    _pending_actions()
    _tasks_of_pending_actions()
    _knowledge_items()


def downgrade() -> None:
    op.drop_table("knowledge_items")
    op.execute("DROP TRIGGER is_its_action ON tasks")
    op.execute("DROP TRIGGER action_follows ON tasks")
    op.drop_column("tasks", "pending_action_id")
    op.drop_table("pending_actions")
    op.execute("DROP TRIGGER takes_time ON appointments")
    op.execute("DROP TRIGGER takes_other_time ON appointments")
    op.drop_table("busy_times")
    op.drop_table("event_attendees")
    op.drop_table("events")
    op.drop_table("calendars")
    for function in (
        "task_follows_action()",
        "action_follows_task()",
        "task_is_its_action()",
        "appointment_takes_time()",
        "attendee_takes_time()",
        "event_takes_time()",
        "occupy(uuid, uuid, tstzrange, text, uuid, uuid)",
    ):
        op.execute(f"DROP FUNCTION {function}")
    op.execute("DROP TYPE uuid_range")
