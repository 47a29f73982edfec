"""Merging of two contacts: moved, unchanged and conflicting records, and the undo."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, update

from app.models import (
    Appointment,
    Call,
    ContactCard,
    ContactMerge,
    ContactPhone,
    Lead,
    Message,
    MissedCallEntry,
    Organization,
    PendingAction,
    Task,
    User,
)
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories
from tests.support.pages import Page, text_of

#: Columns that users can't see: the time and number of changes.
_MOVES_ON = {"updated_at", "version"}
#: All kinds that belong to a contact, and the contact itself.
_MODELS = (ContactCard, ContactPhone, Call, Lead, Appointment, Task, PendingAction, MissedCallEntry, Message)


@pytest.fixture
def as_manager(client: Client, manager: User) -> Client:
    return client.sign_in(manager)


@pytest.fixture
def ruth(make: Factories, organization: Organization) -> ContactCard:
    return make.contact(
        organization, first_name="Ruth", last_name="Delgado", email="ruth@example.com", tags=["vip", "gas"],
        created_at=DAY,
    )  # fmt: skip


@pytest.fixture
def twin(make: Factories, organization: Organization) -> ContactCard:
    """A second contact for the same person, Ruth."""
    return make.contact(
        organization, first_name="Ruth", last_name="Delgado", email="r@example.com", tags=["gas", "landlord"],
        zip="78745", sms_opt_out_at=DAY, created_at=DAY + timedelta(days=1),
    )  # fmt: skip


def address(kept: ContactCard, merged: ContactCard) -> str:
    return f"/contacts/{kept.id}/merge/{merged.id}"


def merge(client: Client, kept: ContactCard, merged: ContactCard, status: int = 303, **chosen: str) -> Page:
    form = client.get(address(kept, merged)).fields(address(kept, merged))
    return client.post(address(kept, merged), {**form, **chosen}, status=status)


def undo(client: Client, done: Page) -> Page:
    after = client.follow(done)
    way = next(one.get("action", "") for one in after.all(".//form") if "undo" in one.get("action", ""))
    return client.post(way)


def everything_of(make: Factories, organization: Organization, card: ContactCard, csr: User) -> Mapping[Any, Any]:
    """Create a row of each kind that belongs to a contact."""
    lead = make.lead(organization, contact=card, source="callrail", csr_id=csr.id)
    call = make.call(organization, csr=csr, contact_card_id=card.id, lead_id=lead.id)
    return {
        Lead: lead,
        Call: call,
        Appointment: make.appointment(organization, contact=card, csr_id=csr.id, lead_id=lead.id),
        Task: make.task(organization, contact_card_id=card.id),
        PendingAction: make.pending_action(organization, contact=card),
        MissedCallEntry: make.missed_entry(organization, contact_card_id=card.id, lead_id=lead.id),
        Message: make.message(organization, contact_card_id=card.id),
    }


def stored(behind: Behind, organization: Organization, models: Sequence[Any] = _MODELS) -> dict[str, Any]:
    """Return the values of all of the organization's rows, except columns that every change updates."""
    found = {}
    for model in models:
        for row in behind.rows(model, organization_id=organization.id):
            values = {one.key: getattr(row, one.key) for one in model.__table__.columns if one.key not in _MOVES_ON}
            found[f"{model.__tablename__} {row.id}"] = values
    return found


def test_both_stand_side_by_side_with_what_is_chosen_already(
    as_manager: Client, ruth: ContactCard, twin: ContactCard
) -> None:
    page = as_manager.get(address(ruth, twin))

    fields = {text_of(next(one.iter("legend"))): one for one in page.all(".//fieldset[@class='pick']")}
    chosen = {
        name: next(text_of(way) for way in one.iter("label") if way.find("input[@checked]") is not None)
        for name, one in fields.items()
    }
    assert set(chosen) == {"Primary number", "Email", "Address", "Texts"}
    assert chosen["Texts"].startswith("Opted out on")
    assert "Stricter consent" in chosen["Texts"]
    assert chosen["Address"].startswith("78745")
    assert "vip, gas, landlord" in page.text
    assert "Merge into Ruth Delgado" in page.text
    assert page.links["Keep this one instead"] == address(twin, ruth)


def test_everything_moves_to_the_one_that_stays(
    as_manager: Client, make: Factories, behind: Behind, organization: Organization, csr: User,
    ruth: ContactCard, twin: ContactCard,
) -> None:  # fmt: skip
    rows = everything_of(make, organization, twin, csr)
    in_the_trash = make.task(organization, contact_card_id=twin.id, title="Long done")
    make.deletion(in_the_trash)
    somebody = everything_of(make, organization, make.contact(organization), csr)

    page = as_manager.get(address(ruth, twin))
    assert {text_of(one) for one in page.all(".//ul[@class='moves']/li")} == {
        "1 contact number", "Messages: 1", "1 lead", "1 task", "1 suggested task", "1 call", "1 missed call",
        "1 appointment",
    }  # fmt: skip
    merge(as_manager, ruth, twin)

    for model, row in rows.items():
        assert behind.one(model, id=row.id).contact_card_id == ruth.id, model
    assert behind.one(Task, id=in_the_trash.id).contact_card_id == ruth.id
    assert behind.one(ContactPhone, phone=twin.primary_phone).contact_card_id == ruth.id
    for model, row in somebody.items():
        assert behind.one(model, id=row.id).contact_card_id not in (ruth.id, twin.id), model
    assert behind.one(ContactCard, id=twin.id).deleted_at is not None
    as_manager.get(f"/contacts/{twin.id}", status=404)


def test_what_was_chosen_is_there_afterwards(
    as_manager: Client, behind: Behind, organization: Organization, ruth: ContactCard, twin: ContactCard
) -> None:
    merge(as_manager, ruth, twin, email="merged", primary_phone="kept")

    kept = behind.one(ContactCard, id=ruth.id)
    assert (kept.email, kept.zip, kept.primary_phone) == ("r@example.com", "78745", ruth.primary_phone)
    assert kept.sms_opt_out_at == DAY
    assert kept.tags == ["vip", "gas", "landlord"]
    [told] = [one for one in behind.trail(organization.id, "contact_card") if one.action == "contact_card.merged"]
    assert told.resource_id == ruth.id
    [batch] = behind.trail(organization.id, "deletion_batch")
    assert batch.operation_id == told.operation_id


def test_undoing_it_puts_every_row_back_as_it_was(
    as_manager: Client, make: Factories, behind: Behind, organization: Organization, csr: User, rep: User,
    ruth: ContactCard, twin: ContactCard,
) -> None:  # fmt: skip
    everything_of(make, organization, twin, csr)
    everything_of(make, organization, ruth, csr)
    for contact, stage in ((ruth, "new"), (twin, "qualified")):
        lead = make.lead(organization, contact=contact, source="manual", stage=stage, qualification_status="hot")
        make.call(organization, csr=csr, contact_card_id=contact.id, lead_id=lead.id)
    make.lead(organization, contact=twin, source="manual", stage="dead", closed_at=DAY, assigned_rep_id=rep.id)
    before = stored(behind, organization)

    done = merge(as_manager, ruth, twin, email="merged", primary_phone="merged")
    assert stored(behind, organization) != before
    undo(as_manager, done)

    assert stored(behind, organization) == before


def test_two_open_leads_of_a_source_become_one_and_that_is_said_before(
    as_manager: Client, make: Factories, behind: Behind, organization: Organization, csr: User, rep: User,
    ruth: ContactCard, twin: ContactCard,
) -> None:  # fmt: skip
    mine = make.lead(organization, contact=ruth, source="callrail", stage="new")
    theirs = make.lead(
        organization, contact=twin, source="callrail", stage="qualified", qualification_status="hot",
        assigned_rep_id=rep.id, csr_id=csr.id,
    )  # fmt: skip
    other = make.lead(organization, contact=twin, source="manual")
    call = make.call(organization, contact_card_id=twin.id, lead_id=theirs.id)
    page = as_manager.get(address(ruth, twin))
    assert "They’ll be merged into one: stage Qualified, assigned to Carl Jensen." in page.text
    assert "Open leads will go down by one." in page.text

    merge(as_manager, ruth, twin)

    kept = behind.one(Lead, id=mine.id)
    assert (kept.stage, kept.qualification_status, kept.assigned_rep_id, kept.csr_id) == (
        "qualified", "hot", rep.id, csr.id,
    )  # fmt: skip
    assert behind.one(Lead, id=theirs.id).deleted_at is not None
    assert behind.one(Lead, id=other.id).contact_card_id == ruth.id
    assert behind.one(Call, id=call.id).lead_id == mine.id


def test_what_is_suggested_to_both_alike_is_there_once_afterwards(
    as_manager: Client,
    make: Factories,
    behind: Behind,
    organization: Organization,
    ruth: ContactCard,
    twin: ContactCard,
) -> None:
    alike = [
        make.pending_action(organization, contact=one, category="call_back", due_at=DAY, raw_text=f"Call {one.id}")
        for one in (ruth, twin)
    ]
    make.task(organization, contact_card_id=twin.id, pending_action_id=alike[1].id)
    texts = [
        make.pending_action(organization, contact=one, category="other", due_at=None, raw_text=text)
        for one, text in ((ruth, "Send a photo"), (twin, "Send the bill"))
    ]
    before = stored(behind, organization)

    done = merge(as_manager, ruth, twin)

    live = behind.rows(PendingAction, contact_card_id=ruth.id, deleted_at=None)
    assert {one.id for one in live} == {alike[0].id, texts[0].id, texts[1].id}
    assert behind.one(PendingAction, id=alike[1].id).deleted_at is not None
    undo(as_manager, done)
    assert stored(behind, organization) == before


def test_what_has_moved_or_changed_since_stays_and_is_listed(
    as_manager: Client, make: Factories, behind: Behind, admin_engine: Engine, organization: Organization,
    ruth: ContactCard, twin: ContactCard,
) -> None:  # fmt: skip
    task = make.task(organization, contact_card_id=twin.id, title="Send the plan")
    call = make.call(organization, contact_card_id=twin.id)
    somebody = make.contact(organization, first_name="Else")
    merge(as_manager, ruth, twin, email="merged")
    form = as_manager.get(f"/contacts/{ruth.id}/edit").fields(f"/contacts/{ruth.id}/edit")
    as_manager.post(f"/contacts/{ruth.id}/edit", {**form, "email": "new@example.com"})
    with admin_engine.begin() as connection:
        connection.execute(update(Task).where(Task.id == task.id).values(contact_card_id=somebody.id))
    page = as_manager.get(f"/contacts/merges/{behind.one(ContactMerge, kept_card_id=ruth.id).id}")
    assert "Records that won’t move back" in page.text
    assert "Send the plan" in page.text

    as_manager.post(f"/trash/{behind.one(ContactMerge, kept_card_id=ruth.id).deletion_batch_id}/undo")

    assert behind.one(Task, id=task.id).contact_card_id == somebody.id
    assert behind.one(Call, id=call.id).contact_card_id == twin.id
    assert behind.one(ContactCard, id=ruth.id).email == "new@example.com"
    assert behind.one(ContactCard, id=ruth.id).tags == ["vip", "gas"]
    page = as_manager.get(f"/contacts/merges/{behind.one(ContactMerge, kept_card_id=ruth.id).id}")
    assert "Records not moved back" in page.text


def test_a_lead_that_was_won_since_stays_won(
    as_manager: Client, make: Factories, behind: Behind, admin_engine: Engine, organization: Organization, rep: User,
    ruth: ContactCard, twin: ContactCard,
) -> None:  # fmt: skip
    mine = make.lead(organization, contact=ruth, source="callrail", stage="new")
    make.lead(organization, contact=twin, source="callrail", stage="booked", assigned_rep_id=rep.id)
    done = merge(as_manager, ruth, twin)
    with admin_engine.begin() as connection:
        connection.execute(update(Lead).where(Lead.id == mine.id).values(won_at=DAY, closed_at=DAY))

    undo(as_manager, done)

    lead = behind.one(Lead, id=mine.id)
    assert (lead.stage, lead.closed_at, lead.won_at, lead.assigned_rep_id) == ("booked", DAY, DAY, None)
    assert behind.one(ContactCard, id=twin.id).deleted_at is None


def test_a_contact_that_changed_meanwhile_is_shown_again_and_nothing_is_merged(
    as_manager: Client, behind: Behind, ruth: ContactCard, twin: ContactCard
) -> None:
    form = as_manager.get(address(ruth, twin)).fields(address(ruth, twin))
    for one in (ruth, twin):
        edit = f"/contacts/{one.id}/edit"
        as_manager.post(edit, {**as_manager.get(edit).fields(edit), "city": "Austin"})
        page = as_manager.post(address(ruth, twin), form, status=409)
        assert "someone changed one of the two" in page.text
        form = page.fields(address(ruth, twin))
    assert behind.rows(ContactMerge) == []

    as_manager.post(address(ruth, twin), form)

    assert behind.one(ContactCard, id=twin.id).deleted_at is not None


def test_the_same_form_sent_twice_merges_once(
    as_manager: Client, behind: Behind, ruth: ContactCard, twin: ContactCard
) -> None:
    form = as_manager.get(address(ruth, twin)).fields(address(ruth, twin))

    for _ in range(2):
        assert as_manager.post(address(ruth, twin), form).headers["Location"] == f"/contacts/{ruth.id}"

    behind.one(ContactMerge)


def test_who_is_merged_already_is_told_into_whom(
    as_manager: Client, make: Factories, organization: Organization, ruth: ContactCard, twin: ContactCard
) -> None:
    third = make.contact(organization, first_name="Third")
    form = as_manager.get(address(third, twin)).fields(address(third, twin))
    merge(as_manager, ruth, twin)

    page = as_manager.post(address(third, twin), form, status=409)

    assert "Ruth Delgado was merged into Ruth Delgado by Marcus Bell." in page.text


def test_who_may_not_merge_neither_sees_the_way_nor_goes_it(
    client: Client, make: Factories, organization: Organization, csr: User, ruth: ContactCard, twin: ContactCard
) -> None:
    mine = make.contact(organization, created_by=csr.id)
    client.sign_in(csr)

    assert f"/contacts/{mine.id}/merge" not in client.get(f"/contacts/{mine.id}").html
    client.get(address(mine, twin), status=403)
    client.post(address(mine, twin), status=403)


def test_of_another_organization_there_is_nobody_to_merge_with(
    as_manager: Client, make: Factories, behind: Behind, ruth: ContactCard
) -> None:
    stranger = make.contact(make.organization())

    for one, other in ((ruth, stranger), (stranger, ruth), (ruth, ruth)):
        as_manager.get(address(one, other), status=404)
        as_manager.post(
            address(one, other),
            {"row_id": str(ruth.id), "version": 1, "other_version": 1},
            status=(404 if one is not other else 400),
        )
    assert behind.rows(ContactMerge) == []


def test_whom_to_merge_with_is_looked_for(
    as_manager: Client, make: Factories, organization: Organization, ruth: ContactCard, twin: ContactCard
) -> None:
    make.contact(organization, first_name="Ruben")
    make.contact(make.organization(), first_name="Ruth", last_name="Delgado")
    here = f"/contacts/{ruth.id}/merge"

    found = as_manager.get(f"{here}?q=delgado")

    assert [one.get("href") for one in found.all(".//*[@id='found']//a")] == [address(ruth, twin)]
    assert "No one else matches" in as_manager.get(f"{here}?q=nonsense").text
    assert not as_manager.swap(f"{here}?q=delgado").is_whole


def test_restoring_a_contact_whose_number_another_has_meanwhile_offers_to_merge_them(
    as_manager: Client, make: Factories, behind: Behind, organization: Organization, ruth: ContactCard
) -> None:
    form = as_manager.get(f"/contacts/{ruth.id}").fields(f"/contacts/{ruth.id}/delete")
    as_manager.post(f"/contacts/{ruth.id}/delete", form)
    batch_id = behind.one(ContactCard, id=ruth.id).deletion_batch_id
    caller = make.contact(organization, first_name="Who", last_name="Called", primary_phone=ruth.primary_phone)

    page = as_manager.get(f"/trash/{batch_id}/restore")
    [button] = page.all(".//button[@formaction]")
    assert text_of(button) == "Restore without the number and merge with Who Called…"
    both = as_manager.follow(as_manager.post(button.get("formaction", ""), page.fields(f"/trash/{batch_id}/restore")))
    as_manager.post(address(caller, ruth), both.fields(address(caller, ruth)))

    assert behind.one(ContactCard, id=ruth.id).deleted_at is not None
    assert behind.one(ContactMerge).kept_card_id == caller.id
    assert behind.one(ContactPhone, phone=ruth.primary_phone, deleted_at=None).contact_card_id == caller.id


def test_the_contact_that_stays_tells_of_the_merge(
    as_manager: Client, behind: Behind, ruth: ContactCard, twin: ContactCard
) -> None:
    page = as_manager.follow(merge(as_manager, ruth, twin))

    made = behind.one(ContactMerge)
    assert page.links["Merged with another contact by Marcus Bell"] == f"/contacts/merges/{made.id}"


def test_the_numbers_of_a_person_are_the_same_after_a_merge_and_after_it_is_undone(
    as_manager: Client, client: Client, make: Factories, behind: Behind, organization: Organization, manager: User,
    csr: User, ruth: ContactCard, twin: ContactCard,
) -> None:  # fmt: skip
    now = datetime.now(UTC)
    for contact, source in ((ruth, "manual"), (twin, "callrail")):
        lead = make.lead(organization, contact=contact, source=source, qualification_status="hot", csr_id=csr.id)
        make.call(
            organization, csr=csr, contact_card_id=contact.id, lead_id=lead.id, started_at=now - timedelta(hours=2)
        )
        make.appointment(organization, contact=contact, csr_id=csr.id, lead_id=lead.id, booked_at=now)

    def numbers() -> Mapping[str, str]:
        return as_manager.get(f"/csr?csr={csr.id}&period=last_7").metrics

    before = numbers()
    assert before["qualified_leads"] == "2"
    merge(as_manager, ruth, twin)
    assert numbers() == before
    as_manager.post(f"/trash/{behind.one(ContactMerge).deletion_batch_id}/undo")
    assert numbers() == before


def test_where_two_qualified_leads_become_one_it_is_said_and_counted_so_until_it_is_undone(
    as_manager: Client, make: Factories, behind: Behind, organization: Organization, csr: User,
    ruth: ContactCard, twin: ContactCard,
) -> None:  # fmt: skip
    now = datetime.now(UTC)
    for contact in (ruth, twin):
        lead = make.lead(organization, contact=contact, qualification_status="hot", csr_id=csr.id)
        make.call(
            organization, csr=csr, contact_card_id=contact.id, lead_id=lead.id, started_at=now - timedelta(hours=2)
        )

    def numbers() -> dict[str, str]:
        return as_manager.get(f"/csr?csr={csr.id}&period=last_7").metrics

    before = numbers()
    assert "Qualified leads will go down by one" in as_manager.get(address(ruth, twin)).text
    merge(as_manager, ruth, twin)
    after = numbers()
    assert {name for name in before if before[name] != after[name]} - {"booking_rate"} == {"qualified_leads"}
    assert (before["qualified_leads"], after["qualified_leads"]) == ("2", "1")
    as_manager.post(f"/trash/{behind.one(ContactMerge).deletion_batch_id}/undo")
    assert numbers() == before
