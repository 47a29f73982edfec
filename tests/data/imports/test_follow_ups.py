"""Assignees of the tasks that an imported analysis suggests."""

import json
from typing import Any

import pytest

from app.models import Organization, PendingAction, Role, Task
from tests.support.factories import Factories
from tests.support.import_files import WriteFile, lines
from tests.support.importing import Importer

RESULT = {"Call id": "C1", "Summary": "Wants a quote.", "Next steps": ["Send the quote"]}


@pytest.mark.parametrize(
    ("call_type", "people", "taker"),
    [
        ("csr_call", {"assigned_rep_id": "rep", "csr_id": "csr"}, ("csr", "csr")),
        ("csr_call", {"assigned_rep_id": "rep"}, ("csr", None)),
        ("sales_call", {"assigned_rep_id": "rep", "handled_by_user_id": "other"}, ("sales_rep", "rep")),
        ("sales_call", {"assigned_rep_id": "gone", "handled_by_user_id": "rep"}, ("sales_rep", "rep")),
        ("sales_call", {"handled_by_user_id": "csr", "csr_id": "csr"}, ("sales_rep", None)),
        ("sales_call", {"handled_by_user_id": "csr", "booked": "rep"}, ("sales_rep", "rep")),
        ("visit_call", {"assigned_rep_id": "rep", "recorded": "other"}, ("sales_rep", "rep")),
        ("visit_call", {"handled_by_user_id": "rep", "recorded": "other"}, ("sales_rep", "rep")),
        ("visit_call", {"handled_by_user_id": "csr", "recorded": "rep", "booked": "other"}, ("sales_rep", "rep")),
        ("visit_call", {"recorded": "gone"}, ("sales_rep", None)),
        ("visit_call", {}, ("sales_rep", None)),
    ],
)
def test_what_a_call_left_to_do_goes_to_its_csr_or_its_rep(
    importer: Importer,
    write_file: WriteFile,
    make: Factories,
    organization: Organization,
    call_type: str,
    people: dict[str, str],
    taker: tuple[str, str | None],
) -> None:
    staff = {
        "csr": make.user(organization, role=Role.CSR),
        "rep": make.user(organization, role=Role.SALES_REP),
        "other": make.user(organization, role=Role.SALES_REP),
        "gone": make.user(organization, role=Role.SALES_REP, status="inactive"),
    }
    columns = {name: staff[who].id for name, who in people.items() if name.endswith("_id")}
    contact = make.contact(organization)
    defaults: dict[str, Any] = {"handled_by": "human", "handled_by_user_id": None, "contact_card_id": contact.id}
    source = {"external_source": "import", "external_id": "C1"}
    call = make.call(organization, call_type=call_type, **{**defaults, **source, **columns})
    if "recorded" in people:
        rep = staff[people["recorded"]]
        make.recording(make.appointment(organization, contact=contact, sales_rep_id=rep.id), rep, call_id=call.id)
    if "booked" in people:
        booked = {"sales_rep_id": staff[people["booked"]].id, "source_call_id": call.id}
        make.appointment(organization, contact=contact, **booked)

    importer.analyses(write_file(lines(json.dumps(RESULT)), "results.jsonl"))

    kind, who = taker
    expected = (kind, staff[who].id if who else None)
    for made in (importer.only(PendingAction), importer.only(Task)):
        assert (made.assigned_to_type, made.assigned_to_user_id) == expected
