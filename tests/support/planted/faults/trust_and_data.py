"""Faults in the rules of trust and data, which the tests of these features detect."""

from tests.support.planted.fault import Fault, Kind

TRUST_AND_DATA: tuple[Fault, ...] = (
    Fault(
        name="anybody-undoes-a-deletion",
        kind=Kind.TRUST,
        path="app/trust/trash/rules.py",
        old="    return deleted_by == who and now - deleted_at <= UNDO_FOR\n",
        new="    return now - deleted_at <= UNDO_FOR\n",
        tests=("tests/trust/trash/test_undo.py",),
    ),
    Fault(
        name="the-last-whole-month-of-the-trail-stays",
        kind=Kind.TRUST,
        path="app/trust/retention/rules.py",
        old="(following := _month_after(month)) <= _month_of(kept_from)",
        new="(following := _month_after(month)) < _month_of(kept_from)",
        tests=("tests/trust/retention/test_rules.py",),
    ),
    Fault(
        name="own-rows-are-enough-to-revert",
        kind=Kind.TRUST,
        path="app/trust/audit_log/revert_rules.py",
        old="if not actor.sees_all(permission)), None)",
        new="if not actor.may(permission)), None)",
        tests=("tests/trust/audit_log/test_revert_refusals.py", "tests/trust/audit_log/test_reverting.py"),
    ),
    Fault(
        name="streams-go-to-addresses-with-a-fragment",
        kind=Kind.TRUST,
        path="app/trust/streams/rules.py",
        old="    if parts.fragment:\n",
        new="    if parts.fragment and parts.query:\n",
        tests=("tests/trust/streams/test_pages.py",),
    ),
    Fault(
        name="midnight-of-a-sheet-is-noon",
        kind=Kind.DATA,
        path="app/data/imports/amount_rules.py",
        old="        hours = hours % 12 + (",
        new="        hours = hours + (",
        tests=("tests/data/imports/test_amounts.py",),
    ),
    Fault(
        name="a-field-takes-every-column-with-its-name",
        kind=Kind.DATA,
        path="app/data/imports/name_rules.py",
        old="        for name in matches if target.repeatable else matches[:1]:\n",
        new="        for name in matches:\n",
        tests=("tests/data/imports/test_guessing.py",),
    ),
    Fault(
        name="bulk-changes-reach-rows-that-were-not-shown",
        kind=Kind.DATA,
        path="app/data/bulk/service.py",
        old="if count is not None and found != count:",
        new="if count is not None and found < count:",
        tests=("tests/data/bulk/test_changing.py",),
    ),
    Fault(
        name="files-are-given-out-after-their-time",
        kind=Kind.DATA,
        path="app/data/exports/queries.py",
        old=" and export.expires_at is not None and export.expires_at > now\n",
        new=" and export.expires_at is not None\n",
        tests=("tests/data/exports/test_files.py",),
    ),
)
