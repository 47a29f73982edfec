"""The database schema according to its catalog: one line for each object that a migration can create."""

import psycopg

#: Name and definition of each object, except Alembic's own table, partitions (there is one for each month since the
#: installation), objects of extensions, and NOT NULL constraints, which are part of the columns.
_CATALOGUE = """
WITH tables AS (
  SELECT oid, relname, relkind, relacl, relrowsecurity, relforcerowsecurity, relpersistence FROM pg_class
  WHERE relnamespace = 'public'::regnamespace AND NOT relispartition AND relname NOT LIKE 'alembic_version%'
), functions AS (
  SELECT * FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend WHERE (classid, objid, deptype) = ('pg_proc'::regclass, pg_proc.oid, 'e'))
), grants AS (
  SELECT coalesce(nullif(grantee, 0)::regrole::text, 'PUBLIC') AS grantee, kind, oid,
    string_agg(privilege_type, ',' ORDER BY privilege_type) AS rights
  FROM (
    SELECT 'relation' AS kind, tables.oid, (aclexplode(relacl)).* FROM tables
    UNION ALL SELECT 'function', oid, (aclexplode(coalesce(proacl, acldefault('f', proowner)))).* FROM functions
  ) given GROUP BY kind, oid, nullif(grantee, 0)
)
SELECT 'table ' || relname, concat_ws(' ', relkind, CASE WHEN relrowsecurity THEN 'row security' END,
    CASE WHEN relforcerowsecurity THEN 'forced' END) FROM tables WHERE relkind IN ('r', 'p', 'v', 'm', 'S')
UNION ALL SELECT concat('column ', relname, '.', attname), concat_ws(' ', format_type(atttypid, atttypmod),
    CASE WHEN attnotnull THEN 'not null' END,
    CASE WHEN attgenerated <> '' THEN 'generated' WHEN attidentity <> '' THEN 'identity'
      WHEN atthasdef THEN 'default' END,
    pg_get_expr(adbin, adrelid))
  FROM pg_attribute JOIN tables ON tables.oid = attrelid LEFT JOIN pg_attrdef ON (adrelid, adnum) = (attrelid, attnum)
  WHERE relkind IN ('r', 'p', 'v', 'm') AND attnum > 0 AND NOT attisdropped
UNION ALL SELECT concat('constraint ', relname, '.', conname), concat_ws(' ', pg_get_constraintdef(pg_constraint.oid),
    CASE WHEN NOT convalidated THEN 'not validated' END)
  FROM pg_constraint JOIN tables ON tables.oid = conrelid WHERE contype <> 'n' AND contype <> 't'
UNION ALL SELECT 'index ' || index.relname, concat_ws(' ', pg_get_indexdef(indexrelid),
    CASE WHEN NOT indisvalid THEN 'invalid' END)
  FROM pg_index JOIN tables ON tables.oid = indrelid JOIN pg_class index ON index.oid = indexrelid
UNION ALL SELECT concat('trigger ', relname, '.', tgname), pg_get_triggerdef(pg_trigger.oid)
  FROM pg_trigger JOIN tables ON tables.oid = tgrelid WHERE NOT tgisinternal
UNION ALL SELECT concat('policy ', tablename, '.', policyname), concat_ws(' ', permissive, roles, cmd,
    'using', qual, 'check', with_check) FROM pg_policies WHERE schemaname = 'public'
UNION ALL SELECT 'function ' || oid::regprocedure, concat_ws(' ', pg_get_function_result(oid), provolatile,
    CASE WHEN prosecdef THEN 'security definer of ' || proowner::regrole END, proconfig, md5(prosrc))
  FROM functions
UNION ALL SELECT 'type ' || typname, concat_ws(' ', typtype, (SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder)
    FROM pg_enum WHERE enumtypid = pg_type.oid))
  FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')
UNION ALL SELECT concat('grant on ', relname, ' to ', grantee), rights
  FROM grants JOIN tables USING (oid) WHERE grants.kind = 'relation'
UNION ALL SELECT concat('grant on ', oid::regprocedure, ' to ', grantee), rights FROM grants WHERE kind = 'function'
"""


def schema(url: str) -> dict[str, str]:
    """Return the definitions in the database at `url` by kind and name, such as `column calls.topic`."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(_CATALOGUE).fetchall()
    found: dict[str, str] = dict(rows)
    assert len(found) == len(rows), "two things of the same name"
    return found
