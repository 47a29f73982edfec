"""An answer to coaching belongs to the same call, and cannot be answered itself."""

from alembic import op

revision = "0070_answers_to_coaching"
down_revision = "0069_stage_of_closed_leads"
branch_labels = None
depends_on = None

description = "An answer to coaching belongs to a coaching note about the same call"
breaking = False

PARENT = "fk_call_notes_parent_id"
NEXT = "fk_call_notes_parent_of_call"
OF_CALL = "uq_call_notes_of_call"

# The answered note is locked until the answer is stored, so that it does not change in the meantime.
ANSWERED = """
CREATE FUNCTION refuse_answer_to_no_coaching() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  is_answered boolean;
BEGIN
  IF NEW.parent_id IS NOT NULL THEN
    SELECT kind = 'coaching' AND parent_id IS NULL INTO is_answered FROM call_notes
    WHERE organization_id = NEW.organization_id AND id = NEW.parent_id
    FOR SHARE;
    IF NOT is_answered OR NEW.parent_id = NEW.id THEN
      RAISE EXCEPTION 'an answer belongs to a coaching note that is no answer'
        USING ERRCODE = '23514', CONSTRAINT = 'answers_coaching', TABLE = TG_TABLE_NAME;
    END IF;
  END IF;
  IF TG_OP = 'UPDATE' AND (NEW.parent_id IS NOT NULL OR NEW.kind <> 'coaching') AND EXISTS (
    SELECT FROM call_notes WHERE organization_id = NEW.organization_id AND parent_id = NEW.id
  ) THEN
    RAISE EXCEPTION 'what has answers stays a coaching note'
      USING ERRCODE = '23514', CONSTRAINT = 'answers_coaching', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END
$$
"""


def upgrade() -> None:
    # Outside a transaction, so that rows can be written in the meantime. Leftovers of an interrupted run are created
    # again.
    with op.get_context().autocommit_block():
        op.execute(f"-- squawk-ignore ban-drop-constraint\nALTER TABLE call_notes DROP CONSTRAINT IF EXISTS {NEXT}")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {OF_CALL}")
        op.execute(
            f"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS {OF_CALL} ON call_notes (organization_id, call_id, id)"
        )
        op.execute(
            f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE call_notes ADD CONSTRAINT {NEXT} "
            "FOREIGN KEY (organization_id, call_id, parent_id) "
            "REFERENCES call_notes (organization_id, call_id, id) ON DELETE CASCADE NOT VALID"
        )
        op.execute(f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE call_notes VALIDATE CONSTRAINT {NEXT}")
    op.execute(f"-- squawk-ignore ban-drop-constraint\nALTER TABLE call_notes DROP CONSTRAINT {PARENT}")
    op.execute(f"-- squawk-ignore renaming-object\nALTER TABLE call_notes RENAME CONSTRAINT {NEXT} TO {PARENT}")
    op.execute(ANSWERED)
    op.execute(
        "CREATE TRIGGER refuse_answer_to_no_coaching BEFORE INSERT ON call_notes FOR EACH ROW "
        "WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION refuse_answer_to_no_coaching()"
    )
    op.execute(
        "CREATE TRIGGER refuse_moving_answer BEFORE UPDATE OF parent_id, kind ON call_notes FOR EACH ROW "
        "WHEN (NEW.parent_id IS DISTINCT FROM OLD.parent_id OR NEW.kind <> OLD.kind) "
        "EXECUTE FUNCTION refuse_answer_to_no_coaching()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER refuse_moving_answer ON call_notes")
    op.execute("DROP TRIGGER refuse_answer_to_no_coaching ON call_notes")
    op.execute("DROP FUNCTION refuse_answer_to_no_coaching()")
    op.drop_constraint(PARENT, "call_notes", type_="foreignkey")
    op.execute(
        f"ALTER TABLE call_notes ADD CONSTRAINT {PARENT} FOREIGN KEY (organization_id, parent_id) "
        "REFERENCES call_notes (organization_id, id) ON DELETE CASCADE NOT VALID"
    )
    with op.get_context().autocommit_block():
        op.execute(f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE call_notes VALIDATE CONSTRAINT {PARENT}")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {OF_CALL}")
