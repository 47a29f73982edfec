"""A platform admin inside an organization fills in every form: no reference breaks, and no name is lost."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element

from flask import Flask
from sqlalchemy import Engine, text

from app.models import StaffRole
from app.security.guard import access_of, is_static
from tests.support.client import Client
from tests.support.company import Company, address_of
from tests.support.factories import Factories
from tests.support.pages import Page
from tests.support.routes import page_routes

#: Links after which requests would come from home.
LEADS_OUT = ("/logout", "/organizations/")

_AHEAD = datetime.now(UTC) + timedelta(days=10)

TYPED = {
    "email": "somebody@new.example",
    "tel": "+12125550999",
    "number": "5",
    "date": f"{_AHEAD:%Y-%m-%d}",
    "datetime-local": f"{_AHEAD:%Y-%m-%dT10:00}",
}


def pages(app: Flask, client: Client, company: Company) -> Iterator[Page]:
    """Yield every page that a visiting platform admin can open.

    Each is checked to say which organization they are in.
    """
    for rule in page_routes(app):
        access = access_of(app, rule.endpoint)
        if is_static(rule.endpoint) or "GET" not in (rule.methods or ()) or access is None or not access.signed_in:
            continue
        url = address_of(app, rule, company)
        page = client.look_at(url)
        assert page.status < 500, url
        if page.is_whole and page.status not in (301, 303):
            assert "You’re in" in page.text, f"no banner on {url}"
            yield page


def filled(form: Element, page: Page) -> tuple[str, dict[str, str]]:
    """Return the action of a form, and the data sent by someone who fills in every empty field."""
    action = form.get("action", "")
    typed = {
        control.get("name", ""): TYPED.get(control.get("type", ""), "Some words")
        for control in form.iter()
        if control.tag in ("input", "textarea") and control.get("name") and control.get("type") != "file"
    }
    kept = {name: value for name, value in page.fields(action, "post").items() if value}
    return action, {**typed, **kept}


def test_no_form_breaks_and_all_is_recorded_under_their_own_name(
    app: Flask, client: Client, company: Company, make: Factories, admin_engine: Engine
) -> None:
    staff = make.staff(StaffRole.ADMIN, name="Sam Staff")
    client.sign_in(staff)
    client.post(f"/organizations/{company.organization.id}/enter", {"reason": "They have asked for help"})
    forms = dict(
        filled(form, page) for page in pages(app, client, company) for form in page.all(".//form[@method='post']")
    )

    for action, data in forms.items():
        if not action.startswith(LEADS_OUT):
            assert client.answer_of(action, data).status < 500, action

    with admin_engine.connect() as connection:
        recorded = connection.execute(
            text(
                "SELECT user_id, actor_label, actor_role FROM audit_logs"
                " WHERE organization_id = :id AND actor_label <> 'postgres'"
            ),
            {"id": company.organization.id},
        ).all()
    assert len(recorded) > 10
    assert set(recorded) == {(staff.id, "Sam Staff", "platform_admin")}
