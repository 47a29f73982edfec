"""Deleting, restoring and purging."""

from alembic import op

revision = "0015_trash"
down_revision = "0014_exports_and_bulk"
branch_labels = None
depends_on = None

description = "Deleting, restoring and purging"
breaking = False

# `kinds` is [{"resource", "table", "tenant_key", "parents": [{"column", "resource", "table"}]}], parents before their
# children, so that restored rows find what they belong to. Returns one result per row; `problem` is the constraint that
# rejects it, or parent_deleted with the parent. Every row has its own exception block, so that all conflicts are
# reported, not only the first. The parent is locked whether it is deleted or not, because it could be in the process of
# being deleted. Runs with the rights of the caller, and therefore under row-level security.
RESTORE_DELETED = """
CREATE FUNCTION restore_deleted(batch uuid, kinds jsonb, chosen uuid[])
RETURNS TABLE (resource text, row_id uuid, problem text, problem_table text, parent_resource text, parent_id uuid)
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  tenant uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
  kind jsonb;
  parent jsonb;
  parent_deleted_at timestamptz;
BEGIN
  FOR kind IN SELECT value FROM jsonb_array_elements(kinds) WITH ORDINALITY ORDER BY ordinality LOOP
    resource := kind ->> 'resource';
    FOR row_id IN EXECUTE format(
      'SELECT id FROM %I WHERE %I = $1 AND deletion_batch_id = $2 AND ($3 IS NULL OR id = ANY ($3)) ORDER BY id FOR UPDATE',
      kind ->> 'table', kind ->> 'tenant_key'
    ) USING tenant, batch, chosen LOOP
      problem := NULL;
      problem_table := NULL;
      parent_resource := NULL;
      parent_id := NULL;
      FOR parent IN SELECT value FROM jsonb_array_elements(kind -> 'parents') LOOP
        EXECUTE format(
          'SELECT p.id, p.deleted_at FROM %I c JOIN %I p ON p.organization_id = c.organization_id AND p.id = c.%I '
          'WHERE c.organization_id = $1 AND c.id = $2 FOR SHARE OF p',
          kind ->> 'table', parent ->> 'table', parent ->> 'column'
        ) INTO parent_id, parent_deleted_at USING tenant, row_id;
        IF parent_deleted_at IS NOT NULL THEN
          problem := 'parent_deleted';
          parent_resource := parent ->> 'resource';
          EXIT;
        END IF;
        parent_id := NULL;
      END LOOP;
      IF problem IS NULL THEN
        BEGIN
          EXECUTE format(
            'UPDATE %I SET deleted_at = NULL, deleted_by = NULL, deletion_batch_id = NULL WHERE %I = $1 AND id = $2',
            kind ->> 'table', kind ->> 'tenant_key'
          ) USING tenant, row_id;
        EXCEPTION WHEN integrity_constraint_violation THEN
          GET STACKED DIAGNOSTICS problem = CONSTRAINT_NAME, problem_table = TABLE_NAME;
        END;
      END IF;
      RETURN NEXT;
    END LOOP;
  END LOOP;
END
$$
"""

# Counterpart of keep_active_owner, which checks when an owner is removed: this one checks when an organization is
# restored.
NEEDS_OWNER = """
CREATE FUNCTION organization_needs_owner() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM FROM organizations WHERE id = NEW.id AND deleted_at IS NULL FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  PERFORM FROM users
  WHERE organization_id = NEW.id AND role = 'owner' AND status = 'active' AND deleted_at IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'an organization keeps at least one active owner'
      USING ERRCODE = '23514', CONSTRAINT = 'last_owner', TABLE = 'users';
  END IF;
  RETURN NULL;
END
$$
"""

# Queried by the schedule, which has no organization yet. Records under legal hold are left out.
TRASH_DUE = """
CREATE FUNCTION organizations_with_trash_due() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT id FROM organizations
  WHERE NOT legal_hold AND deleted_at IS NULL AND EXISTS (
    SELECT FROM deletion_batches
    WHERE organization_id = organizations.id AND purge_after <= now() AND restored_at IS NULL AND purged_at IS NULL
  )
$$
"""

ORGANIZATIONS_DUE = """
CREATE FUNCTION organizations_to_purge() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT organizations.id FROM organizations
  JOIN deletion_batches
    ON deletion_batches.organization_id = organizations.id AND deletion_batches.id = organizations.deletion_batch_id
  WHERE NOT legal_hold AND purge_after <= now() AND organizations.deleted_at IS NOT NULL
$$
"""

# Purged organizations according to the audit trail; a database that was emptied or mixed up has no such entries.
WERE_PURGED = """
CREATE FUNCTION organizations_that_were_purged(candidates uuid[]) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT candidate FROM unnest(candidates) AS candidate
  WHERE NOT EXISTS (SELECT FROM organizations WHERE id = candidate)
    AND EXISTS (
      SELECT FROM audit_logs
      WHERE organization_id = candidate AND resource_type = 'organization' AND resource_id = candidate
        AND action = 'organization.purged'
    )
$$
"""

# Additional facts of the service that names the action of a row, such as how long a deletion can be undone.
ADD_METADATA = """
CREATE FUNCTION add_action_metadata() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  NEW.metadata := NEW.metadata || current_setting('app.action_metadata')::jsonb;
  RETURN NEW;
END
$$
"""

FOR_THE_APP = "restore_deleted(uuid, jsonb, uuid[])"
FOR_JOBS = (
    "organizations_with_trash_due()",
    "organizations_to_purge()",
    "organizations_that_were_purged(uuid[])",
)


def upgrade() -> None:
    for function in (RESTORE_DELETED, NEEDS_OWNER, TRASH_DUE, ORGANIZATIONS_DUE, WERE_PURGED, ADD_METADATA):
        op.execute(function)
    op.execute(f"GRANT EXECUTE ON FUNCTION {FOR_THE_APP} TO app_rw")
    for signature in FOR_JOBS:
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO app_jobs")
    op.execute(
        "CREATE CONSTRAINT TRIGGER needs_active_owner AFTER INSERT OR UPDATE OF deleted_at ON organizations "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.deleted_at IS NULL) "
        "EXECUTE FUNCTION organization_needs_owner()"
    )
    op.execute(
        "CREATE TRIGGER add_action_metadata BEFORE INSERT ON audit_logs FOR EACH ROW "
        "WHEN (nullif(current_setting('app.action_metadata', true), '') IS NOT NULL "
        "AND current_setting('app.action_target', true) = NEW.resource_type || ':' || NEW.resource_id) "
        "EXECUTE FUNCTION add_action_metadata()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER add_action_metadata ON audit_logs")
    op.execute("DROP TRIGGER needs_active_owner ON organizations")
    for signature in ("add_action_metadata()", *FOR_JOBS, "organization_needs_owner()", FOR_THE_APP):
        op.execute(f"DROP FUNCTION {signature}")
