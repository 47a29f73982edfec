"""Setups for forms that a new organization doesn't show: the rows and actions that they require."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

import pyotp
from flask import Flask
from PIL import Image
from sqlalchemy import update

from app.db.ids import uuid7
from app.models import Call, Import, ImportedRow, ImportKind, RecordingSession, Role, User, UserSession
from app.storage import new_key
from tests.support.client import Client
from tests.support.company import Company
from tests.support.factories import DAY, PASSWORD, Factories
from tests.support.filling import FileToSend
from tests.support.import_pages import ImportPages
from tests.support.pages import Page, text_of
from tests.support.sounds import wav

SECOND_FACTOR = "/account/second-factor"


class Scene(NamedTuple):
    """A signed-in user (`who`) with a browser (`client`); `another` is a second browser."""

    app: Flask
    client: Client
    another: Client
    company: Company
    make: Factories
    who: User


class Ready(NamedTuple):
    """A page that shows the form, with values that only this form needs (`known`).

    If no page shows the form with the few rows that exist, `page` is None, and `known` is sent to the URL `action`.
    """

    page: Page | None
    known: Mapping[str, Any] = {}
    action: str = ""


def _two_browsers(scene: Scene) -> Ready:
    scene.another.sign_in(scene.company.people[Role.OWNER])
    return Ready(scene.client.get("/account"))


def _code(page: Page, steps: int) -> str:
    """Return the TOTP code of the current time step, or of one `steps` later.

    It is valid for at least 30 s, since the app accepts the codes of one step before and after the current one.
    """
    totp = pyotp.TOTP(text_of(page.one(".//*[@data-secret]")))
    return str(totp.generate_otp(totp.timecode(datetime.now(UTC)) + steps))


def _drawing(scene: Scene) -> Ready:
    page = scene.client.get(SECOND_FACTOR)
    return Ready(page, {"code": _code(page, 0), "password": PASSWORD})


def _second_factor(scene: Scene) -> Ready:
    page = scene.client.get(SECOND_FACTOR)
    form = page.fields(SECOND_FACTOR)
    scene.client.post(SECOND_FACTOR, {**form, "code": _code(page, 0), "password": PASSWORD}, status=200)
    return Ready(scene.client.get(SECOND_FACTOR), {"code": _code(page, 1), "password": PASSWORD})


def _confirmed_long_ago(scene: Scene) -> Ready:
    then = datetime.now(UTC) - timedelta(hours=1)
    with scene.make.engine.begin() as connection:
        connection.execute(update(UserSession).where(UserSession.user_id == scene.who.id).values(confirmed_at=then))
    return Ready(scene.client.get("/account/confirm?next=/account"), {"password": PASSWORD})


def _upload(scene: Scene) -> tuple[ImportPages, Page]:
    pages = ImportPages(scene.client)
    return pages, pages.upload(b"First name,Phone\nAda,212-555-0142\n", "people.csv", ImportKind.CONTACTS)


def _guessed(scene: Scene) -> Ready:
    pages, upload = _upload(scene)
    return Ready(None, upload.fields(f"{pages.at}/mapping", "post"), f"{pages.at}/mapping")


def _guessed_and_named(scene: Scene) -> Ready:
    guessed = _guessed(scene)
    return Ready(None, {**guessed.known, "name": "From the old system"}, f"{guessed.action}/save")


def _mapped(scene: Scene) -> Ready:
    pages, upload = _upload(scene)
    return Ready(scene.client.follow(pages.map(upload)))


def _asked_about_source(scene: Scene) -> Ready:
    start = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
    scene.make.call(scene.company.organization, external_source="desk", external_id="C1", started_at=start)
    pages = ImportPages(scene.client)
    upload = pages.upload(b"Call Id,Start,Answered\nC1,2026-03-02T14:30:00Z,Y\n", "calls.csv")
    return Ready(scene.client.follow(pages.map(upload)), {"answer": "other"})


def _failed_import(scene: Scene) -> Ready:
    failed = scene.make.import_of_calls(
        scene.company.organization, status="failed", failure="interrupted", finished_at=datetime.now(UTC)
    )
    return Ready(scene.client.get(f"/imports/{failed.id}"))


def _done_import(scene: Scene, undo: str | None = None) -> Import:
    organization = scene.company.organization
    done = scene.make.import_of_calls(organization, status="completed", finished_at=datetime.now(UTC), undo=undo)
    made = {"resource": "call", "record_id": uuid7(), "effect": "created", "line": 2}
    scene.make.add(ImportedRow(organization_id=organization.id, import_id=done.id, **made))
    return done


def _import_to_weigh(scene: Scene) -> Ready:
    return Ready(scene.client.get(f"/imports/{_done_import(scene).id}"))


def _import_to_undo(scene: Scene) -> Ready:
    done = _done_import(scene, "weighed")
    return Ready(scene.client.get(f"/imports/{done.id}/undo"), {"name": done.file_name})


def _running_import(scene: Scene) -> Ready:
    running = scene.make.import_of_calls(scene.company.organization, status="running")
    return Ready(scene.client.get(f"/imports/{running.id}"))


def _half_way(scene: Scene) -> Ready:
    stopped = scene.make.import_of_calls(
        scene.company.organization,
        status="cancelled",
        finished_at=DAY,
        line_reached=5_001,
        rows_total=9_000,
        rows_created=5_000,
    )
    return Ready(scene.client.get(f"/imports/{stopped.id}"))


def _export(_scene: Scene) -> Ready:
    return Ready(None, {"row_id": str(uuid7()), "kind": "calls", "query": ""}, "/exports")


def _own_export(scene: Scene) -> Ready:
    scene.make.export_of_calls(scene.company.people[Role.OWNER])
    return Ready(scene.client.get("/exports"))


def _mail_with_link(scene: Scene) -> Ready:
    form = scene.client.get("/invitations").fields("/invitations", "post")
    scene.client.post("/invitations", {**form, "email": "ada@new.example", "name": "Ada", "role": "csr"}, status=200)
    outbox = scene.client.get("/outbox")
    return Ready(scene.client.get(next(href for text, href in outbox.links.items() if "/outbox/" in href)))


def _bulk(scene: Scene) -> Ready:
    call = scene.company.rows["call"]
    return Ready(scene.client.get(f"/bulk/new?action=set_outcome&row={call.id}"))


def _bulk_bar(scene: Scene) -> Ready:
    task = scene.make.task(scene.company.organization, assignee=scene.who)
    return Ready(scene.client.get("/tasks"), {"action": "complete_tasks", "row": str(task.id)})


def _deleted(scene: Scene) -> Ready:
    task = scene.make.task(scene.company.organization)
    return Ready(scene.client.follow(scene.client.post(f"/tasks/{task.id}/delete")))


def _contact_without_calls(scene: Scene) -> Ready:
    contact = scene.make.contact(scene.company.organization)
    return Ready(None, {"version": 1}, f"/contacts/{contact.id}/delete")


#: Fields that must be a number or an address, and not just any text.
_READ_AS_SUCH = {"phone": "312-555-0142", "other_phones": "", "email": "dana@new.example", "country": "US"}


def _new_contact(scene: Scene) -> Ready:
    return Ready(scene.client.get("/contacts/new"), _READ_AS_SUCH)


def _contact(scene: Scene) -> Ready:
    return Ready(scene.client.get(f"/contacts/{scene.company.rows['contact'].id}/edit"), _READ_AS_SUCH)


def _alike(scene: Scene) -> Ready:
    one, _other = (scene.make.contact(scene.company.organization, email="dana@example.com") for _ in range(2))
    return Ready(scene.client.get(f"/contacts/{one.id}"))


def _to_merge(scene: Scene) -> Ready:
    one, other = (scene.make.contact(scene.company.organization) for _ in range(2))
    return Ready(scene.client.get(f"/contacts/{one.id}/merge/{other.id}"))


def _deleted_with_its_number_taken(scene: Scene) -> Ready:
    gone = scene.make.contact(scene.company.organization)
    batch = scene.make.deletion(gone)
    other = scene.make.contact(scene.company.organization)
    return Ready(None, {}, f"/contacts/{other.id}/merge-deleted/{batch.id}")


def _own_note(scene: Scene) -> Ready:
    note = scene.make.contact_note(scene.company.rows["contact"], scene.who)
    return Ready(scene.client.get(f"/contacts/notes/{note.id}"))


def _task(scene: Scene, **values: Any) -> Ready:
    """Return the page of a new task."""
    task = scene.make.task(scene.company.organization, **values)
    return Ready(scene.client.get(f"/tasks/{task.id}"))


def _unbooked(scene: Scene) -> Ready:
    """Return the team page, which lists an unbooked call."""
    csr = scene.make.user(scene.company.organization)
    scene.make.call(scene.company.organization, csr=csr, booking_status="not_booked", started_at=datetime.now(UTC))
    return Ready(scene.client.get("/csr"))


def _put_off_task(scene: Scene) -> Ready:
    return Ready(_task(scene).page, {"to": "tomorrow"})


def _completed_task(scene: Scene) -> Ready:
    return _task(scene, status="completed", completed_at=datetime.now(UTC))


def _started_task(scene: Scene) -> Ready:
    return _task(scene, status="in_progress")


def _visit_without_recording(scene: Scene) -> Ready:
    appointment = scene.make.appointment(scene.company.organization)
    return Ready(None, {}, f"/appointments/{appointment.id}/delete")


def _unfinished_recording(scene: Scene) -> RecordingSession:
    organization = scene.company.organization
    visit, rep = scene.make.appointment(organization), scene.make.user(organization, Role.SALES_REP)
    key = new_key(organization.id, "recordings")
    return scene.make.recording(
        visit,
        rep,
        status="recording",
        ended_at=None,
        duration_seconds=None,
        storage_key=key,
        started_at=datetime.now(UTC),
    )


def _recording(scene: Scene) -> Ready:
    sound = FileToSend(wav(1)), "visit.wav"
    return Ready(scene.client.get(f"/recordings/{_unfinished_recording(scene).id}"), {"file": sound})


def _recording_to_discard(scene: Scene) -> Ready:
    return Ready(scene.client.get(f"/recordings/{_unfinished_recording(scene).id}/discard"))


def _discarded(scene: Scene) -> Ready:
    recording = _unfinished_recording(scene)
    scene.make.recording_part(recording)
    scene.client.get(f"/recordings/{recording.id}")
    scene.client.post(f"/recordings/{recording.id}/discard")
    return Ready(scene.client.get(f"/recordings/{recording.id}"))


def _all_parts(scene: Scene) -> Ready:
    recording = _unfinished_recording(scene)
    scene.make.recording_part(recording)
    return Ready(None, {"parts": 1}, f"/recordings/{recording.id}/finish")


def _recorded(scene: Scene) -> Ready:
    recording = _unfinished_recording(scene)
    scene.make.recording_part(recording)
    return Ready(scene.client.get(f"/recordings/{recording.id}"))


def _part(scene: Scene) -> Ready:
    part = {"number": "1", "sha256": sha256(b"sound").hexdigest(), "part": (FileToSend(b"sound"), "part")}
    return Ready(None, part, f"/recordings/{_unfinished_recording(scene).id}/parts")


def _contact_without_lead(scene: Scene) -> Ready:
    contact = scene.make.contact(scene.company.organization)
    return Ready(scene.client.get(f"/leads/new?contact={contact.id}"))


def _dead_lead(scene: Scene) -> Ready:
    now = datetime.now(UTC)
    dead = scene.make.lead(scene.company.organization, stage="dead", closed_at=now, dead_reason="Moved away")
    return Ready(scene.client.get(f"/leads/{dead.id}"))


def _moved_lead(scene: Scene) -> Ready:
    action = f"/leads/{scene.company.rows['lead'].id}"
    scene.client.post(f"{action}/stage", {"stage": "qualified", "version": "1"})
    return Ready(None, {}, f"{action}/undo?version=2")


def _longer_ways(scene: Scene) -> Ready:
    return Ready(scene.client.get("/organization/appointments"), {"travel_minutes": "45"})


def _one_watch_off(scene: Scene) -> Ready:
    return Ready(scene.client.get("/organization/security"), {"watch_new_owners": ""})


def _times_shown(page: Page, action: str) -> dict[str, str]:
    """Return parameters for choosing a time: the rep whom the page shows, and the default duration."""
    return {"rep": page.fields(action, "post")["rep"], "minutes": ""}


def _booking(scene: Scene) -> Ready:
    action = f"/appointments/new?contact={scene.make.contact(scene.company.organization).id}"
    page = scene.client.get(action)
    slot = page.all(".//input[@name='slot']")[0].get("value")
    return Ready(page, {**_times_shown(page, action), "service": "Furnace repair", "slot": slot})


def _begun(scene: Scene, page: str = "", **values: Any) -> Page:
    """Return the page of an appointment that has begun, with a new rep."""
    company = scene.company.organization
    rep = scene.make.user(company, Role.SALES_REP)
    made = scene.make.appointment(company, sales_rep_id=rep.id, **values)
    return scene.client.get(f"/appointments/{made.id}{page}")


def _visit(scene: Scene) -> Ready:
    return Ready(_begun(scene), {"deal_value": "4200", "lost_reason": "Too expensive", "reason": "Sold the house"})


def _decided_visit(scene: Scene) -> Ready:
    now = datetime.now(UTC)
    decided: dict[str, Any] = {"status": "completed", "completed_at": now, "outcome": "closed_won", "outcome_at": now}
    return Ready(_begun(scene, **decided))


def _other_words_of_a_visit(scene: Scene) -> Ready:
    return Ready(_begun(scene, "/edit"), {"service": "Tune-up"})


def _other_time_of_a_visit(scene: Scene) -> Ready:
    page = _begun(scene, "/reschedule")
    action = next(str(form.get("action")) for form in page.all(".//form") if "/reschedule" in str(form.get("action")))
    # The last one stands for a typed time, and late in the day only one more is free.
    slot = page.all(".//input[@name='slot']")[0].get("value")
    return Ready(page, {**_times_shown(page, action), "slot": slot})


def _just_booked(scene: Scene) -> Ready:
    """Return the page of an appointment that the user has just booked."""
    contact = scene.make.contact(scene.company.organization)
    scene.make.user(scene.company.organization, Role.SALES_REP)
    action = f"/appointments/new?contact={contact.id}"
    page = scene.client.get(action)
    slot = page.all(".//input[@name='slot']")[-1].get("value")
    booked = scene.client.post(action, {**page.fields(action), "service": "Furnace repair", "slot": slot})
    return Ready(scene.client.follow(booked))


_DAY_AHEAD = f"{datetime.now(UTC) + timedelta(days=120):%Y-%m-%d}"
_SOME_DAY = {"start_day": _DAY_AHEAD, "start_time": "09:00", "end_day": "", "end_time": "10:00"}


def _new_event(scene: Scene) -> Ready:
    return Ready(scene.client.get("/calendar/events/new"), {**_SOME_DAY, "kind": "meeting"})


def _event(scene: Scene, page: str) -> Page:
    """Return the page of the only event of a new person."""
    event = scene.make.event(scene.company.organization, scene.make.user(scene.company.organization))
    return scene.client.get(f"/calendar/events/{event.id}{page}")


def _other_event(scene: Scene) -> Ready:
    return Ready(_event(scene, "/edit"), _SOME_DAY)


def _moved_event(scene: Scene) -> Ready:
    return Ready(_event(scene, "/move"), {"day": _DAY_AHEAD, "time": "13:00", "back": ""})


def _deleted_event(scene: Scene) -> Ready:
    return Ready(_event(scene, ""))


def _calendar_address(scene: Scene) -> Ready:
    scene.client.post("/calendar/address", status=200)
    return Ready(scene.client.get("/calendar/address"))


def _view(scene: Scene) -> Any:
    return scene.make.saved_view(scene.company.people[Role.OWNER])


def _views_for_the_report(scene: Scene) -> Ready:
    view = scene.make.saved_view(scene.company.people[Role.OWNER], page="csr", query="")
    return Ready(scene.client.get("/reports/views"), {"views": str(view.id)})


def _deleted_view(scene: Scene) -> Ready:
    return Ready(scene.client.follow(scene.client.post(f"/saved-views/{_view(scene).id}/delete")))


def _manager(scene: Scene) -> Ready:
    manager = scene.company.people[Role.MANAGER]
    member = scene.make.user(scene.company.organization)
    return Ready(scene.client.get(f"/users/{manager.id}"), {"email": member.email, "person_id": str(member.id)})


def _looking(scene: Scene) -> Ready:
    action = f"/users/{scene.company.rows['user'].id}/view-as"
    form = scene.client.get(action).fields(action)
    scene.client.post(action, {**form, "reason": "They cannot find their calls"})
    return Ready(scene.client.get("/calls"))


def _changed_call(scene: Scene) -> Ready:
    return Ready(scene.client.get(f"{_entry_of_a_change(scene)}/revert"))


def _changed_in_an_operation(scene: Scene) -> Ready:
    shown = re.search(r"Operation ID ([0-9a-f-]{36})", scene.client.get(_entry_of_a_change(scene)).text)
    assert shown is not None
    return Ready(scene.client.get(f"/audit/operations/{shown[1]}/revert"))


def _changed_in_a_large_operation(scene: Scene) -> Ready:
    organization, operation_id = scene.company.organization, uuid7()
    with scene.make.batch():
        for _ in range(101):
            scene.make.entry(organization, operation_id=operation_id)
    return Ready(scene.client.get(f"/audit/operations/{operation_id}/revert"))


def _running_revert(scene: Scene) -> Ready:
    running = scene.make.operation_revert(scene.who)
    return Ready(scene.client.get(f"/audit/reverts/{running.id}"))


def _entry_of_a_change(scene: Scene) -> str:
    """Change a call's outcome, and return the URL of the audit trail entry about it."""
    call = scene.make.call(scene.company.organization)
    page = f"/calls/{call.id}"
    scene.client.post(f"{page}/outcome", {**scene.client.get(page).fields(f"{page}/outcome"), "outcome": "spam"})
    trail = scene.client.get(f"/audit?resource_id={call.id}&action=call.updated")
    return next(href for href in trail.links.values() if re.fullmatch(r"/audit/[0-9a-f-]{36}", href))


def _held(scene: Scene) -> Ready:
    page, action = "/organization/retention", "/organization/retention/hold"
    scene.client.post(action, {**scene.client.get(page).fields(action), "reason": "A court wants it"})
    return Ready(scene.client.get(page))


def _other_days(scene: Scene) -> Ready:
    return Ready(scene.client.get("/organization/retention"), {"exports": "800"})


def _shorter_days(scene: Scene) -> Ready:
    page = "/organization/retention"
    scene.client.post(page, {**scene.client.get(page).fields(page), "exports": "60"})
    return Ready(scene.client.get(page))


def _something_due(scene: Scene) -> Ready:
    scene.make.message(scene.company.organization, created_at=datetime.now(UTC) - timedelta(days=800))
    return Ready(scene.client.get("/organization/retention/run"), {"word": "delete"})


def _picture() -> tuple[FileToSend, str]:
    made = FileToSend()
    Image.new("RGB", (64, 64), "red").save(made, "PNG")
    made.seek(0)
    return made, "me.png"


def _picture_of_somebody(scene: Scene) -> Ready:
    page = f"/users/{scene.company.rows['user'].id}/picture/edit"
    return Ready(scene.client.get(page), {"picture": _picture()})


def _own_picture(scene: Scene) -> Ready:
    return Ready(scene.client.get("/account/picture"), {"picture": _picture()})


def _with_picture(scene: Scene) -> Ready:
    ready = _picture_of_somebody(scene)
    page = f"/users/{scene.company.rows['user'].id}/picture/edit"
    assert ready.page is not None
    scene.client.post(page, {**ready.page.fields(page), **ready.known})
    return Ready(scene.client.get(page))


def _with_own_picture(scene: Scene) -> Ready:
    ready = _own_picture(scene)
    assert ready.page is not None
    scene.client.post("/account/picture", {**ready.page.fields("/account/picture"), **ready.known})
    return Ready(scene.client.get("/account/picture"))


def _suspended(scene: Scene) -> Ready:
    page = f"/users/{scene.company.rows['user'].id}"
    form = scene.client.get(f"{page}/suspend").fields(f"{page}/suspend")
    scene.client.post(f"{page}/suspend", {**form, "reason": "Under investigation"})
    return Ready(scene.client.get(page))


def _suspended_organization(scene: Scene) -> Ready:
    page = f"/organizations/{scene.company.organization.id}"
    form = scene.client.get(f"{page}/suspend").fields(f"{page}/suspend")
    scene.client.post(f"{page}/suspend", {**form, "reason": "Nobody has paid"})
    return Ready(scene.client.get(page))


def _paused_stream(scene: Scene) -> Ready:
    page = f"/audit/streams/{scene.company.rows['stream'].id}"
    scene.client.post(f"{page}/pause")
    return Ready(scene.client.get(page))


def _plan(scene: Scene) -> Ready:
    return Ready(scene.client.get("/organization/billing/plan?plan=professional"))


def _smaller_plan(scene: Scene) -> Ready:
    address = "/organization/billing/plan"
    for plan in ("professional", "starter"):
        scene.client.post(address, scene.client.get(f"{address}?plan={plan}").fields(address))
    return Ready(scene.client.get("/organization/billing"))


def _budget(scene: Scene) -> Ready:
    return Ready(scene.client.get("/organization/billing/budget?kind=sms"), {"monthly_amount": "25"})


def _twilio_off(scene: Scene) -> Ready:
    # It can't be enabled on an installation without a public URL.
    return Ready(scene.client.get("/organization/integrations/twilio"), {"enabled": ""})


def _replaced_secret(scene: Scene) -> Ready:
    url = "/organization/integrations/shunya"
    for secret in ("a-secret-of-shunya", "another-secret-of-shunya"):
        values = {"account_id": "C1", "api_key": "a-key-of-shunya", "webhook_secret": secret}
        scene.client.post(url, {**scene.client.get(url).fields(url), **values})
    return Ready(scene.client.get(url))


def _people_of_a_file(scene: Scene) -> Ready:
    action = "/invitations/import"
    file = FileToSend(b"email,name,role\nada@new.example,Ada New,csr\n"), "people.csv"
    return Ready(scene.client.post(action, {**scene.client.get(action).fields(action), "file": file}, status=200))


def _without_card(scene: Scene) -> Ready:
    scene.make.call(scene.company.organization, caller_number="+12125550188")
    return Ready(scene.client.get("/privacy?q=%2B12125550188"))


def _somebody_to_repair(scene: Scene) -> Ready:
    scene.make.user(scene.company.organization, email="casey@nowhere")
    return Ready(scene.client.get("/system/repair"))


def _another_role(scene: Scene) -> Ready:
    return Ready(scene.client.get(f"/users/{scene.company.rows['user'].id}/role?role=manager"))


def _somebody_to_erase(scene: Scene) -> Ready:
    card = scene.make.contact(scene.company.organization, first_name="Dana", last_name="Reyes")
    return Ready(scene.client.get(f"/privacy/{card.id}"), {"confirmation": "ERASE", "reason": "They have asked for it"})


def _new_organization(scene: Scene) -> Ready:
    known = {"slug": "harbor", "timezone": "America/Chicago", "country": "US", "number": "312-555-0142"}
    return Ready(scene.client.get("/organizations/new"), known)


def _onboarded(scene: Scene) -> Ready:
    action = "/organizations/new"
    form = scene.client.get(action).fields(action)
    values = {"name": "Lakeside", "slug": "lakeside", "owner_name": "Olivia", "owner_email": "olivia@lakeside.example"}
    return Ready(scene.client.post(action, {**form, **values}, status=200))


def _deleted_organization(scene: Scene) -> None:
    action = f"/organizations/{scene.company.organization.id}/delete"
    values = {"slug": scene.company.organization.slug, "reason": "They have asked for it"}
    scene.client.post(action, {**scene.client.get(action).fields(action), **values})


def _restorable_organization(scene: Scene) -> Ready:
    _deleted_organization(scene)
    page = scene.client.get(f"/organizations/{scene.company.organization.id}/restore")
    return Ready(page, {"step": "restore"})


def _purgeable(scene: Scene) -> Ready:
    _deleted_organization(scene)
    page = scene.client.get(f"/organizations/{scene.company.organization.id}/purge")
    return Ready(page, {"slug": scene.company.organization.slug})


def _inside(scene: Scene) -> Ready:
    where = scene.company.organization.id
    scene.client.post(f"/organizations/{where}/enter", {"reason": "They have asked for help"})
    return Ready(scene.client.get("/organizations"))


def _restorable(scene: Scene) -> Ready:
    batch = scene.company.rows["batch"]
    return Ready(scene.client.get(f"/trash/{batch.id}/restore"), {"step": "restore"})


def _many_rows(scene: Scene) -> Ready:
    return Ready(None, {}, f"/trash/{scene.company.rows['batch'].id}/restore-all")


def _ticked_to_restore(scene: Scene) -> Ready:
    return Ready(scene.client.get(f"/trash/restore?row={scene.company.rows['batch'].id}"))


def _ticked_to_purge(scene: Scene) -> Ready:
    return Ready(scene.client.get(f"/trash/purge?row={scene.company.rows['batch'].id}"), {"word": "delete"})


def _manager_with_team(scene: Scene) -> Ready:
    manager = scene.company.people[Role.MANAGER]
    scene.make.user(scene.company.organization, manager_id=manager.id)
    return Ready(scene.client.get(f"/users/{manager.id}"))


def _somebody_inactive(scene: Scene) -> Ready:
    away = scene.make.user(scene.company.organization, status="inactive")
    return Ready(scene.client.get(f"/users/{away.id}"))


def _somebody_with_a_factor(scene: Scene) -> Ready:
    guarded = scene.make.user(scene.company.organization, mfa_secret=b"sealed")
    return Ready(scene.client.get(f"/users/{guarded.id}/second-factor"))


def _waiting(scene: Scene, *done: str, **values: Any) -> tuple[str, Page]:
    """Return the URL and the page of a missed call entry, after these actions on it."""
    company = scene.company.organization
    number = scene.make.phone()
    call = scene.make.call(company, status="missed", started_at=datetime.now(UTC), caller_number=number)
    at = f"/missed-calls/{scene.make.missed_entry(company, call=call, **values).id}"
    for one in done:
        form = scene.client.get(at).fields(at + one, "post")
        scene.client.post(at + one, {**form, "reason": "They have moved away"})
    return at, scene.client.get(at)


def _claimed(scene: Scene) -> Ready:
    return Ready(_waiting(scene, "/claim")[1])


def _texted(scene: Scene) -> Ready:
    return Ready(_waiting(scene, "/text")[1])


def _said(scene: Scene) -> Ready:
    make, organization = scene.make, scene.company.organization
    caller = make.contact(organization, first_name=None, last_name=None, address_line_1=None)
    of_caller: dict[str, Any] = {"contact_card_id": caller.id, "caller_number": caller.primary_phone}
    call = make.call(organization, status="voicemail", **of_caller)
    said = "This is Brandon Warner at 333 Limestone Ct."
    make.transcript(call, speaker_labels=[{"speaker": "customer", "text": said}], transcript_text=said)
    entry = make.missed_entry(organization, call=call)
    return Ready(scene.client.get(f"/missed-calls/{entry.id}"))


def _called(scene: Scene) -> Ready:
    return Ready(_waiting(scene, "/call")[1], {"result": "no_answer"})


def _answered(scene: Scene) -> Ready:
    _at, page = _waiting(scene, "/call")
    (action,) = [form.get("action") or "" for form in page.all(".//form") if "/result" in (form.get("action") or "")]
    return Ready(scene.client.follow(scene.client.post(action, {"result": "reached"})))


def _callable(scene: Scene) -> Ready:
    contact = scene.make.contact(scene.company.organization)
    return Ready(scene.client.get(f"/contacts/{contact.id}"))


def _callable_back(scene: Scene) -> Ready:
    call = scene.make.call(scene.company.organization, caller_number=scene.make.phone())
    return Ready(scene.client.get(f"/calls/{call.id}"))


def _taken_out(scene: Scene) -> Ready:
    return Ready(_waiting(scene, "/dismiss")[1])


def _won_back(scene: Scene) -> Ready:
    now = datetime.now(UTC)
    return Ready(_waiting(scene, status="rescued", rescued_by="auto", resolved_at=now)[1], {"rescued_by": "human"})


def _coached(scene: Scene, csr: User | None = None) -> Ready:
    """Return the coaching panel of a call that has one coaching note."""
    call = scene.make.call(scene.company.organization, csr=csr or scene.company.people[Role.CSR])
    scene.make.transcript(call)
    scene.make.note(call, scene.company.people[Role.MANAGER], kind="coaching", turn=1)
    return Ready(scene.client.get(f"/calls/{call.id}?panel=coaching"))


def _own_coached(scene: Scene) -> Ready:
    return _coached(scene, scene.who)


def _classified(scene: Scene, csr: User) -> Call:
    analyzed = {"booking_status": "not_booked", "booking_status_source": "analysis"}
    return scene.make.call(scene.company.organization, csr=csr, **analyzed)


def _own_classified(scene: Scene) -> Ready:
    call = _classified(scene, scene.who)
    return Ready(scene.client.get(f"/calls/{call.id}?panel=dispute"), {"to_status": "booked"})


def _own_booking(scene: Scene) -> Ready:
    visit = scene.make.appointment(scene.company.organization, csr_id=scene.who.id)
    return Ready(scene.client.get(f"/appointments/{visit.id}?panel=booked-by"), {"to_csr": "none"})


def _disputed(scene: Scene) -> Ready:
    csr = scene.company.people[Role.CSR]
    call = _classified(scene, csr)
    scene.make.dispute(call, csr)
    return Ready(scene.client.get(f"/calls/{call.id}?panel=dispute"), {"decision": "reject"})


def _old_answer(scene: Scene) -> Ready:
    long_ago = datetime.now(UTC) - timedelta(days=2000)
    item = scene.make.knowledge_item(scene.company.organization, confirmed_at=long_ago)
    return Ready(scene.client.get(f"/knowledge/{item.id}"))


def _number_out_of_use(scene: Scene) -> Ready:
    number = scene.make.phone_number(scene.company.organization, is_active=False)
    return Ready(scene.client.get(f"/phone-numbers/{number.id}"))


def _told(scene: Scene, **values: Any) -> Ready:
    """Return the notifications page of a user with one notification."""
    scene.make.notification(scene.who, **values)
    return Ready(scene.client.get("/notifications"))


def _read(scene: Scene) -> Ready:
    return _told(scene, read_at=datetime.now(UTC))


def _just_read(scene: Scene) -> Ready:
    """Return the notifications page with the Undo button, after marking all as read."""
    _told(scene)
    return Ready(scene.client.follow(scene.client.post("/notifications/read")))


def _something_new(scene: Scene) -> Ready:
    """Return a list with a row that was created since the user's last visit."""
    yesterday = datetime.now(UTC) - timedelta(days=1)
    scene.make.list_visit(scene.who, page="tasks", last_at=yesterday, looked_at=yesterday)
    scene.make.task(scene.company.organization)
    return Ready(scene.client.get("/tasks"))


WAYS: Mapping[str, Callable[[Scene], Ready]] = {
    "calls.create_coaching": _coached,
    "calls.create_answer": _coached,
    "calls.finish_coaching": _own_coached,
    "calls.follow_up": _unbooked,
    "disputes.create": _own_classified,
    "disputes.create_about_booking": _own_booking,
    "disputes.decide": _disputed,
    "knowledge.confirm": _old_answer,
    "phone_numbers.activate": _number_out_of_use,
    "notifications.mark_read": _told,
    "notifications.mark_unread": _read,
    "notifications.mark_all_read": _told,
    "notifications.take_back": _just_read,
    "sign_in.end_session": _two_browsers,
    "missed_calls.release": _claimed,
    "missed_calls.mark_text_sent": _texted,
    "missed_calls.cancel_text": _texted,
    "missed_calls.use_name": _said,
    "missed_calls.use_address": _said,
    "calls.set_result": _called,
    "calls.take_back_result": _answered,
    "calls.call_contact": _callable,
    "calls.call_back": _callable_back,
    "missed_calls.reopen": _taken_out,
    "missed_calls.correct_credit": _won_back,
    "sign_in.end_other_sessions": _two_browsers,
    "sign_in.create_confirmation": _confirmed_long_ago,
    "sign_in.create_second_factor": _drawing,
    "sign_in.remove_second_factor": _second_factor,
    "sign_in.renew_recovery_codes": _second_factor,
    "imports.update_mapping": _guessed,
    "imports.preview_mapping": _guessed,
    "imports.save_mapping": _guessed_and_named,
    "imports.answer_source": _asked_about_source,
    "imports.run": _mapped,
    "imports.start_again": _failed_import,
    "imports.cancel": _running_import,
    "imports.go_on": _half_way,
    "imports.weigh_undo": _import_to_weigh,
    "imports.undo": _import_to_undo,
    "exports.create": _export,
    "exports.remove": _own_export,
    "outbox.link": _mail_with_link,
    "bulk.choose": _bulk_bar,
    "bulk.create": _bulk,
    "trash.undo": _deleted,
    "trash.restore": _restorable,
    "trash.restore_many": _many_rows,
    "trash.restore_bulk": _ticked_to_restore,
    "trash.purge": _ticked_to_purge,
    "tasks.complete": _task,
    "tasks.snooze": _put_off_task,
    "tasks.reopen": _completed_task,
    "tasks.start": _task,
    "tasks.pause": _started_task,
    "tasks.cancel": _task,
    "tasks.assign": _task,
    "tasks.remove": _task,
    "appointments.delete": _visit_without_recording,
    "recordings.add_part": _part,
    "recordings.discard": _recording_to_discard,
    "recordings.end": _recorded,
    "recordings.finish": _all_parts,
    "recordings.go_on": _recorded,
    "recordings.undo_discard": _discarded,
    "recordings.upload": _recording,
    "contacts.create": _new_contact,
    "contacts.update": _contact,
    "contacts.delete": _contact_without_calls,
    "contacts.mark_different": _alike,
    "merging.merge": _to_merge,
    "merging.restore_to_merge": _deleted_with_its_number_taken,
    "contacts.update_note": _own_note,
    "contacts.delete_note": _own_note,
    "leads.create": _contact_without_lead,
    "leads.reopen": _dead_lead,
    "leads.undo": _moved_lead,
    "settings.update_appointments": _longer_ways,
    "security.update_watches": _one_watch_off,
    "appointments.create": _booking,
    "appointments.undo_booking": _just_booked,
    "appointments.add_reminder": _just_booked,
    "calendar.create_event": _new_event,
    "calendar.update_event": _other_event,
    "calendar.move_event": _moved_event,
    "calendar.delete_event": _deleted_event,
    "calendar.renew_feed": _calendar_address,
    "calendar.revoke_feed": _calendar_address,
    "appointments.complete": _visit,
    "appointments.mark_no_show": _visit,
    "appointments.cancel": _visit,
    "appointments.win": _visit,
    "appointments.lose": _visit,
    "appointments.assign": _visit,
    "appointments.reopen": _decided_visit,
    "appointments.update": _other_words_of_a_visit,
    "appointments.reschedule": _other_time_of_a_visit,
    "reports.update_views": _views_for_the_report,
    "saved_views.mark_seen": _something_new,
    "saved_views.restore": _deleted_view,
    "organizations.leave": _inside,
    "organizations.create": _new_organization,
    "organizations.renew_owner_link": _onboarded,
    "organizations.restore": _restorable_organization,
    "organizations.purge": _purgeable,
    "impersonation.end": _looking,
    "audit_log.revert": _changed_call,
    "audit_log.revert_operation": _changed_in_an_operation,
    "audit_log.start_revert": _changed_in_a_large_operation,
    "audit_log.cancel_revert": _running_revert,
    "users.let_back": _suspended,
    "users.update_picture": _picture_of_somebody,
    "users.update_own_picture": _own_picture,
    "users.remove_picture": _with_picture,
    "users.remove_own_picture": _with_own_picture,
    "organizations.let_back": _suspended_organization,
    "retention.update": _other_days,
    "retention.release": _held,
    "retention.run": _something_due,
    "retention.withdraw": _shorter_days,
    "streams.resume": _paused_stream,
    "billing.update_plan": _plan,
    "billing.keep_plan": _smaller_plan,
    "billing.update_budget": _budget,
    "providers.update_twilio": _twilio_off,
    "providers.end_previous_secrets": _replaced_secret,
    "invitations.invite_all": _people_of_a_file,
    "users.add_to_team": _manager,
    "privacy.make_card": _without_card,
    "privacy.erase": _somebody_to_erase,
    "roles.update_role": _another_role,
    "integrity.repair": _somebody_to_repair,
    "users.activate": _somebody_inactive,
    "users.remove_from_team": _manager_with_team,
    "users.reset_second_factor": _somebody_with_a_factor,
}
