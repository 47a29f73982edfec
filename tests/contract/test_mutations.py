"""Changes by any form: the trail records who made them, from where and in which request.

The forms are found by opening every page; each is filled in as by a first-time user.
"""

from flask import Flask
from sqlalchemy import Engine, text

from tests.support.form_setups import WAYS, Ready
from tests.support.forms_on_pages import filled_forms, page_of, unsafe_endpoints
from tests.support.pages import Page
from tests.support.stage import Stage

#: Forms that change nothing for anyone, so that there is nothing to record.
CHANGES_NOTHING = {
    "sign_in.reset_browser": "only clears the browser's storage",
    "sign_in.create_choice": "redirects to the sign-in page of an organization",
    "invitations.create_import": "previews a file without storing it",
    "sign_in.create_reset_link": "the response is the same whether or not the address exists",
    "notifications.mark_read": "only the read mark of a person's own notification",
    "notifications.mark_unread": "the same",
    "notifications.mark_all_read": "the same",
    "notifications.take_back": "the same",
    "saved_views.mark_seen": "only the person's own position in the list",
    "reports.write": "generated from existing data, as the job would",
    "recordings.add_part": "360 parts per hour; the start and end of the recording are recorded",
    "knowledge.count_use": "only a usage counter; the answer is unchanged",
}


class Sender:
    """Sender of forms in fresh organizations, so that no form is affected by an earlier one."""

    def __init__(self, stage: Stage, engine: Engine) -> None:
        self._stage, self._engine = stage, engine

    def send(self, endpoint: str, page: str | None) -> list[str]:
        """Send the form to `endpoint` on the given page, and return the errors in its trail entries.

        If the form is missing or isn't accepted, return that as the only error.
        """
        scene = self._stage.scene(endpoint)
        ready = WAYS[endpoint](scene) if page is None else Ready(page_of(page, scene))
        wrong = ["no page has this form"]
        for action, data in filled_forms(endpoint, scene, ready):
            answer = scene.client.answer_of(action, data)
            if answer.status in (200, 303):
                return self._missing(answer)
            wrong = [f"{answer.status}: {answer.text[-1500:]}"]
        return wrong

    def _missing(self, answer: Page) -> list[str]:
        told = text("SELECT user_id, ip_address FROM audit_logs WHERE request_id = :request ORDER BY id")
        with self._engine.connect() as connection:
            rows = connection.execute(told, {"request": answer.headers["X-Request-ID"]}).all()
        if not rows:
            return ["nothing in the trail"]
        return [f"by {row.user_id} from {row.ip_address}" for row in rows if not (row.user_id and row.ip_address)]


def test_every_form_leaves_a_trail_with_actor_address_and_request(
    app: Flask, stage: Stage, admin_engine: Engine
) -> None:
    sender, seen = Sender(stage, admin_engine), stage.pages()

    wrong = {}
    for endpoint in unsafe_endpoints(app):
        if endpoint in CHANGES_NOTHING:
            continue
        pages = [None] if endpoint in WAYS else sorted(seen.get(endpoint, ()))
        problems = {}
        for page in pages:
            problems[page] = sender.send(endpoint, page)
            if problems[page] == []:
                break
        else:
            wrong[endpoint] = problems or "no page has this form"

    assert wrong == {}
