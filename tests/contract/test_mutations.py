"""Whatever a form changes: the trail tells who did it, from where and in which request.

The forms are found by looking at every page; each is sent as somebody would who has never seen it.
"""

from flask import Flask
from sqlalchemy import Engine, text

from tests.support.forms_on_pages import filled_forms, page_of, unsafe_endpoints
from tests.support.pages import Page
from tests.support.stage import Stage
from tests.support.ways import WAYS, Ready

#: Forms that change nothing for anybody, so that there is nothing to tell.
CHANGES_NOTHING = {
    "sign_in.reset_browser": "the browser forgets; no row",
    "sign_in.create_choice": "leads on to the sign-in page of an organization",
    "invitations.create_import": "shows what a file would come to, and keeps nothing of it",
    "sign_in.create_reset_link": "the same answer whether or not anybody has this address",
    "notifications.mark_read": "what one has read oneself changes nothing that it tells of",
    "notifications.mark_unread": "the same",
    "notifications.mark_all_read": "the same",
    "notifications.take_back": "the same",
    "saved_views.mark_seen": "what one has seen oneself changes nothing of the list",
    "reports.write": "what the job writes of what is there, whoever asks for it first",
    "recordings.add_part": "one of 360 pieces an hour of a recording, whose beginning and end the trail tells",
    "knowledge.count_use": "counts that an answer was used, which changes nothing of the answer",
}


class Sender:
    """Sends the forms of fresh organizations, so that no form meets what another has left."""

    def __init__(self, stage: Stage, engine: Engine) -> None:
        self._stage, self._engine = stage, engine

    def send(self, endpoint: str, page: str | None) -> list[str]:
        """Send the form to `endpoint` that is on the page of another; what is wrong about the trail that it left."""
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
