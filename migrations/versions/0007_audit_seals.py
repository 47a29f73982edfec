"""Seals of the audit trail: a chain per organization, with positions that survive a move to another server."""

from importlib import import_module

import sqlalchemy as sa
from alembic import op

from migrations.support import TENANT

revision = "0007_audit_seals"
down_revision = "0006_job_queue"
branch_labels = None
depends_on = None

description = "Seals over the audit trail"
breaking = False

_FOUNDATION = import_module("migrations.versions.0001_foundation")

# The position of a row is its transaction ID, so everything below the oldest running transaction is complete. A server
# to which the rows were moved counts its transactions from the start: the offset lifts them above the existing
# positions. Nothing can be added below sealed positions: such a write is refused until the offset is corrected.
AUDIT_POSITION = """
CREATE FUNCTION audit_position() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  -- Taken before the offset is read: who has no id yet would not hold up the sealing of what it is about to write.
  transaction_id bigint := pg_current_xact_id()::text::bigint;
  epoch audit_epoch;
BEGIN
  SELECT * INTO STRICT epoch FROM audit_epoch;
  IF transaction_id + epoch.pos_offset < epoch.sealed_to THEN
    RAISE EXCEPTION 'the audit trail was moved to this server' USING ERRCODE = '55000',
      HINT = 'Run "flask db upgrade": it continues the positions of the trail.';
  END IF;
  RETURN transaction_id + epoch.pos_offset;
END
$$
"""

# The newest position of each organization, with one index lookup for each: no index covers all of them.
AUDIT_NEWEST = """
CREATE FUNCTION audit_newest() RETURNS TABLE (organization_id uuid, newest_pos bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH RECURSIVE trail (organization) AS (
    (SELECT a.organization_id FROM audit_logs a ORDER BY a.organization_id LIMIT 1)
    UNION ALL
    SELECT (SELECT a.organization_id FROM audit_logs a WHERE a.organization_id > trail.organization
            ORDER BY a.organization_id LIMIT 1)
    FROM trail WHERE trail.organization IS NOT NULL
  )
  SELECT trail.organization, newest.pos FROM trail
  CROSS JOIN LATERAL (
    SELECT a.pos FROM audit_logs a WHERE a.organization_id = trail.organization ORDER BY a.pos DESC, a.id DESC LIMIT 1
  ) newest
$$
"""

# The lock waits for all transactions that have read the old offset, and blocks those about to read it.
AUDIT_CONTINUE = """
CREATE FUNCTION audit_continue() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  highest bigint := (SELECT greatest((SELECT max(newest_pos) FROM audit_newest()), (SELECT sealed_to - 1 FROM audit_epoch)));
BEGIN
  IF highest < (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint + pos_offset FROM audit_epoch) THEN
    RETURN false;
  END IF;
  LOCK TABLE audit_epoch IN ACCESS EXCLUSIVE MODE;
  UPDATE audit_epoch SET pos_offset = highest + 1
    WHERE highest >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint + pos_offset;
  RETURN FOUND;
END
$$
"""

AUDIT_CHAINS = """
CREATE FUNCTION audit_chains() RETURNS TABLE (organization_id uuid, is_behind boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH head AS (
    SELECT o.id, s.to_pos, s.sealed_at FROM (
      SELECT id FROM organizations UNION SELECT n.organization_id FROM audit_newest() n
    ) o
    LEFT JOIN LATERAL (
      SELECT to_pos, sealed_at FROM audit_seals WHERE audit_seals.organization_id = o.id ORDER BY seq DESC LIMIT 1
    ) s ON true
  )
  SELECT head.id, coalesce(newest.newest_pos >= coalesce(head.to_pos, 0), false)
  FROM head LEFT JOIN audit_newest() newest ON newest.organization_id = head.id
  ORDER BY head.sealed_at NULLS FIRST, head.id
$$
"""

# The app computes the hash with a key that the database does not know; this function enforces that the chain continues
# from its newest seal, and that nothing is sealed to which a running transaction could still add.
AUDIT_SEAL = """
CREATE FUNCTION audit_seal(
  new_seq bigint, new_from_pos bigint, new_from_id uuid, new_to_pos bigint, new_to_id uuid, new_month date,
  new_row_count bigint, new_entries bytea, new_rows_hash bytea, new_prev_hash bytea, new_key_id text, new_hash bytea,
  new_sealed_at timestamptz
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
  head audit_seals;
BEGIN
  IF organization IS NULL THEN
    RAISE EXCEPTION 'no organization in the context' USING ERRCODE = '42501';
  END IF;
  SELECT * INTO head FROM audit_seals WHERE organization_id = organization ORDER BY seq DESC LIMIT 1;
  IF new_seq <> coalesce(head.seq, 0) + 1 OR new_prev_hash <> coalesce(head.hash, ''::bytea) THEN
    RAISE EXCEPTION 'seal % does not follow the newest one', new_seq USING ERRCODE = '55000';
  END IF;
  IF new_to_pos > pg_snapshot_xmin(pg_current_snapshot())::text::bigint + (SELECT pos_offset FROM audit_epoch) THEN
    RAISE EXCEPTION 'a running transaction may still write below %', new_to_pos USING ERRCODE = '55000';
  END IF;
  INSERT INTO audit_seals (
    organization_id, seq, from_pos, from_id, to_pos, to_id, month, row_count, entries, rows_hash, prev_hash, key_id,
    hash, sealed_at
  ) VALUES (
    organization, new_seq, new_from_pos, new_from_id, new_to_pos, new_to_id, new_month, new_row_count, new_entries,
    new_rows_hash, new_prev_hash, new_key_id, new_hash, new_sealed_at
  );
  UPDATE audit_epoch SET sealed_to = new_to_pos WHERE sealed_to < new_to_pos;
END
$$
"""

AUDIT_ROUND_DONE = """
CREATE FUNCTION audit_round_done() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  UPDATE audit_epoch SET sealed_at = clock_timestamp()
$$
"""

# The erasure record lists every emptied row and the timestamp stored in them, so a row emptied in any other way is
# detected. Returns the number of rows.
AUDIT_ERASE = """
CREATE FUNCTION audit_erase(type text, resources uuid[], reason text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
  moment timestamptz := clock_timestamp();
  emptied uuid[];
BEGIN
  IF organization IS NULL THEN
    RAISE EXCEPTION 'no organization in the context' USING ERRCODE = '42501';
  END IF;
  PERFORM set_config('app.audit_erasure', 'on', true);
  WITH gone AS (
    UPDATE audit_logs SET before = NULL, after = NULL, salt = NULL, redacted_at = moment
    WHERE organization_id = organization AND resource_type = type AND resource_id = ANY (resources)
      AND redacted_at IS NULL AND (before IS NOT NULL OR after IS NOT NULL)
    RETURNING id
  )
  SELECT array_agg(id) INTO emptied FROM gone;
  PERFORM set_config('app.audit_erasure', '', true);
  IF emptied IS NOT NULL THEN
    PERFORM audit_append(organization, 'audit.erased', 'audit', NULL, NULL, NULL, jsonb_build_object(
      'entries', to_jsonb(emptied), 'moment', (extract(epoch FROM moment) * 1000000)::bigint, 'reason', reason));
  END IF;
  RETURN coalesce(cardinality(emptied), 0);
END
$$
"""

# Months are dropped oldest first, so that the latest record covers all months before it.
AUDIT_DROP_MONTH = """
CREATE FUNCTION audit_drop_month(gone_month date) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
  begins timestamptz := gone_month::timestamp AT TIME ZONE 'UTC';
  ends timestamptz := (gone_month + interval '1 month') AT TIME ZONE 'UTC';
  head audit_seals;
  dropped bigint;
BEGIN
  IF organization IS NULL THEN
    RAISE EXCEPTION 'no organization in the context' USING ERRCODE = '42501';
  END IF;
  IF gone_month <> date_trunc('month', gone_month) OR ends > date_trunc('month', clock_timestamp(), 'UTC') THEN
    RAISE EXCEPTION '% is no month that has passed', gone_month USING ERRCODE = '22023';
  END IF;
  IF EXISTS (SELECT FROM audit_logs WHERE organization_id = organization AND created_at < begins) THEN
    RAISE EXCEPTION 'there is older history than that of %', gone_month USING ERRCODE = '55000';
  END IF;
  SELECT * INTO head FROM audit_seals WHERE organization_id = organization ORDER BY seq DESC LIMIT 1;
  IF head IS NULL OR EXISTS (
    SELECT FROM audit_logs WHERE organization_id = organization AND created_at < ends
      AND (pos, id) >= (head.to_pos, head.to_id)
  ) THEN
    RAISE EXCEPTION 'history of % is not sealed yet', gone_month USING ERRCODE = '55000';
  END IF;
  PERFORM set_config('app.audit_drop', to_char(gone_month, 'YYYY-MM'), true);
  DELETE FROM audit_logs WHERE organization_id = organization AND created_at >= begins AND created_at < ends;
  GET DIAGNOSTICS dropped = ROW_COUNT;
  UPDATE audit_seals SET entries = NULL WHERE organization_id = organization AND month = gone_month;
  PERFORM set_config('app.audit_drop', '', true);
  PERFORM audit_append(organization, 'audit.dropped', 'audit', NULL, NULL, NULL,
    jsonb_build_object('month', gone_month, 'rows', dropped));
  RETURN dropped;
END
$$
"""

AUDIT_GUARD = """
CREATE OR REPLACE FUNCTION audit_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  payload text[] := '{before,after,salt,redacted_at}';
BEGIN
  IF TG_OP = 'UPDATE' AND current_setting('app.audit_erasure', true) = 'on'
     AND NEW.before IS NULL AND NEW.after IS NULL AND NEW.salt IS NULL AND NEW.redacted_at IS NOT NULL
     AND to_jsonb(NEW) - payload = to_jsonb(OLD) - payload
  THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'DELETE' AND current_setting('app.audit_drop', true) = to_char(OLD.created_at AT TIME ZONE 'UTC', 'YYYY-MM')
  THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = '42501';
END
$$
"""

AUDIT_SEAL_GUARD = """
CREATE FUNCTION audit_seal_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND current_setting('app.audit_drop', true) = to_char(OLD.month, 'YYYY-MM')
     AND NEW.entries IS NULL AND to_jsonb(NEW) - 'entries' = to_jsonb(OLD) - 'entries'
  THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the seals of the audit trail are append-only' USING ERRCODE = '42501';
END
$$
"""

_XACT_POSITION = "pg_current_xact_id()::text::bigint"

FUNCTIONS = {
    "audit_position()": AUDIT_POSITION,
    "audit_newest()": AUDIT_NEWEST,
    "audit_continue()": AUDIT_CONTINUE,
    "audit_chains()": AUDIT_CHAINS,
    "audit_seal(bigint, bigint, uuid, bigint, uuid, date, bigint, bytea, bytea, bytea, text, bytea, timestamptz)": AUDIT_SEAL,
    "audit_round_done()": AUDIT_ROUND_DONE,
    "audit_erase(text, uuid[], text)": AUDIT_ERASE,
    "audit_drop_month(date)": AUDIT_DROP_MONTH,
    "audit_seal_guard()": AUDIT_SEAL_GUARD,
}
INTERNAL = ("audit_position()", "audit_newest()", "audit_seal_guard()")


def _audit_seals() -> None:
    op.create_table(
        "audit_seals",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("from_pos", sa.BigInteger(), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=False),
        sa.Column("to_pos", sa.BigInteger(), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.LargeBinary()),
        sa.Column("rows_hash", sa.LargeBinary(), nullable=False),
        sa.Column("prev_hash", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "seq", name="pk_audit_seals"),
    )
    # Hashes do not compress; trying costs more than the rest of the seal.
    op.execute("ALTER TABLE audit_seals ALTER COLUMN entries SET STORAGE EXTERNAL")
    op.execute("ALTER TABLE audit_seals ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE audit_seals FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON audit_seals FOR SELECT TO app_rw USING ({TENANT})")
    op.execute("CREATE POLICY owner ON audit_seals TO app_owner USING (true) WITH CHECK (true)")
    op.execute("GRANT SELECT ON audit_seals TO app_rw")


def _audit_epoch() -> None:
    op.create_table(
        "audit_epoch",
        sa.Column("only_row", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("pos_offset", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("sealed_to", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("only_row", name="pk_audit_epoch"),
        sa.CheckConstraint("only_row", name="check_only_row"),
    )
    op.execute("INSERT INTO audit_epoch DEFAULT VALUES")
    op.execute("GRANT SELECT ON audit_epoch TO app_rw")


def _replaced(function: str) -> str:
    return function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)


def upgrade() -> None:
    _audit_seals()
    _audit_epoch()
    for signature, function in FUNCTIONS.items():
        op.execute(function)
        if signature not in INTERNAL:
            op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO app_jobs")
    op.execute(AUDIT_GUARD)
    op.execute(_replaced(_FOUNDATION.AUDIT_APPEND.replace(_XACT_POSITION, "audit_position()")))
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_seals FOR EACH ROW"
        " EXECUTE FUNCTION audit_seal_guard()"
    )
    op.execute("CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON audit_seals EXECUTE FUNCTION audit_seal_guard()")


def downgrade() -> None:
    op.execute(_replaced(_FOUNDATION.AUDIT_APPEND))
    op.execute(_replaced(_FOUNDATION.AUDIT_GUARD))
    op.drop_table("audit_seals")
    for signature in reversed(FUNCTIONS):
        op.execute(f"DROP FUNCTION {signature}")
    op.drop_table("audit_epoch")
