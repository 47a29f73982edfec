"""Daily work in the large organization, in proportion to the calls of `bench.data`.

There is one contact per five calls, and as many leads and tasks; three appointments per ten calls. Most of the work has
been completed.
"""

#: Parameters are the same as for each insert of `bench.data`.
STATEMENTS = (
    """
    INSERT INTO contact_phones (organization_id, id, contact_card_id, phone, created_at)
    SELECT organization_id, new_uuid7(), id, primary_phone, created_at
    FROM contact_cards WHERE organization_id = %(organization)s
    """,
    """
    INSERT INTO appointments (organization_id, id, contact_card_id, lead_id, csr_id, sales_rep_id, service_type, city,
                              scheduled_start_at, scheduled_end_at, timezone, booked_at, status, completed_at, outcome,
                              outcome_at, deal_value, external_source, external_id)
    SELECT %(organization)s::uuid, new_uuid7(), md5(%(slug)s || 'contact' || (i * 7 %% %(contacts)s + 1))::uuid,
           CASE WHEN i %% 3 = 0 THEN md5(%(slug)s || 'lead' || (i %% (%(calls)s / 5) + 1))::uuid END,
           md5(%(slug)s || 'csr' || (i %% %(csrs)s + 1))::uuid, md5(%(slug)s || 'rep' || (i %% %(reps)s + 1))::uuid,
           (ARRAY['Furnace repair', 'Roof inspection', 'Water heater', 'Estimate'])[i %% 4 + 1], 'Springfield',
           at, at + interval '2 hours', 'America/New_York',
           CASE WHEN at < now() THEN at - interval '3 days' ELSE now() - i %% 500 * interval '1 hour' END, status,
           CASE WHEN status = 'completed' THEN at + interval '2 hours' END, outcome,
           CASE WHEN outcome <> 'open' THEN at + interval '2 days' END,
           CASE WHEN outcome = 'closed_won' THEN 500 + i %% 9000 END, 'bench', i::text
    FROM (
      SELECT i, at, status, CASE WHEN status = 'completed' THEN (ARRAY['open', 'closed_won', 'closed_lost'])[i %% 3 + 1]
                            ELSE 'open' END AS outcome
      FROM (
        SELECT i, at, CASE WHEN at > now() THEN 'scheduled' WHEN i %% 5 < 3 THEN 'completed'
                      WHEN i %% 5 = 3 THEN 'cancelled' ELSE 'no_show' END AS status
        FROM (
          SELECT i, now() + interval '30 days' - (i::float8 / (%(calls)s * 3 / 10)) * (%(days)s + 30) * interval '1 day'
                    AS at
          FROM generate_series(1, %(calls)s * 3 / 10) i
        ) planned
      ) visited
    ) decided
    """,
    """
    INSERT INTO tasks (organization_id, id, title, status, priority, assigned_to_user_id, due_at, completed_at,
                       contact_card_id, created_by, created_by_label, created_at)
    SELECT %(organization)s::uuid, new_uuid7(),
           (ARRAY['Call back about the offer ', 'Send the papers ', 'Order the part '])[i %% 3 + 1] || i, status,
           (ARRAY['low', 'medium', 'medium', 'high', 'urgent'])[i %% 5 + 1],
           md5(%(slug)s || 'csr' || (i %% %(csrs)s + 1))::uuid, CASE WHEN i %% 11 <> 0 THEN at END,
           CASE WHEN status = 'completed' THEN at END, md5(%(slug)s || 'contact' || (i * 3 %% %(contacts)s + 1))::uuid,
           md5(%(slug)s || 'manager')::uuid, 'Manager', at - interval '2 days'
    FROM (
      SELECT i, now() + interval '14 days' - (i::float8 / (%(calls)s / 5)) * %(days)s * interval '1 day' AS at,
             CASE WHEN i < %(calls)s / 50 THEN 'pending' WHEN i %% 20 = 0 THEN 'cancelled'
                  ELSE 'completed' END AS status
      FROM generate_series(1, %(calls)s / 5) i
    ) made
    """,
)
