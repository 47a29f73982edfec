"""The trail of what a form changes: it records who made the change and from where, in the form's request.

Forms are sent as filled in by a first-time user.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Engine, Row, text

from tests.support.form_rules.hostile_forms import HostileForm
from tests.support.form_setups import WAYS, Ready, Scene
from tests.support.forms_on_pages import filled_forms, page_of
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
_ACCEPTED = (200, 303)


class TrailsOfForms:
    """Reader of the trail entries of forms, and sender of those that no earlier rule has stored."""

    def __init__(self, stage: Stage, engine: Engine) -> None:
        self._stage, self._engine = stage, engine
        #: Endpoints with a form whose request has left entries.
        self.seen: set[str] = set()
        self._broken: list[str] = []

    def incomplete(self, endpoint: str, scene: Scene, ready: Ready, form: HostileForm | None) -> list[str]:
        """Return the incomplete entries of a form's requests.

        If earlier rules have stored nothing, the form is sent, provided that no other form shares its scene.
        """
        requests = form.stored if form else []
        if not self._entries(requests) and endpoint in WAYS:
            answers = self._answers(endpoint, scene, ready)
            requests = [answer.headers["X-Request-ID"] for answer in answers if answer.status in _ACCEPTED]
        entries = self._entries(requests)
        if entries:
            self.seen.add(endpoint)
        return entries_without_actor(entries)

    def lost(self, endpoint: str) -> list[str]:
        """Send a form alone, from one page after another until it leaves complete entries; return the last faults."""
        pages = [None] if endpoint in WAYS else self._stage.pages().get(endpoint, ())
        faults = ["no page has this form"]
        for page in pages:
            scene = self._stage.scene(endpoint)
            ready = WAYS[endpoint](scene) if page is None else Ready(page_of(page, scene))
            for answer in self._answers(endpoint, scene, ready):
                entries = self._entries([answer.headers["X-Request-ID"]])
                if answer.status not in _ACCEPTED:
                    faults = [f"{answer.status}: {answer.text[-1500:]}"]
                else:
                    faults = entries_without_actor(entries) if entries else ["nothing in the trail"]
            if not faults:
                break
        return faults

    def send(self, endpoint: str, scene: Scene, ready: Ready) -> None:
        """Send a form that changes nothing."""
        for _answer in self._answers(endpoint, scene, ready):
            pass

    def broken_by_repeat(self) -> list[str]:
        """Return the errors of the app when the last forms that were accepted here were sent once more."""
        broken, self._broken = self._broken, []
        return broken

    def _answers(self, endpoint: str, scene: Scene, ready: Ready) -> Iterator[Page]:
        """Send each form to the endpoint until one is accepted, that one twice, and yield the first responses."""
        for action, data in filled_forms(endpoint, scene, ready):
            answer = scene.client.answer_of(action, data)
            yield answer
            if answer.status in _ACCEPTED:
                again = scene.client.answer_of(action, data)
                self._broken += [f"{again.status}: {again.text[-1500:]}"] if again.status >= 500 else []
                return

    def _entries(self, requests: Collection[str]) -> list[Row[Any]]:
        """Return actor and address of the entries of requests, except refusals."""
        entries = text(
            "SELECT user_id, ip_address FROM audit_logs"
            " WHERE request_id = ANY(:requests) AND action <> 'permission.refused' ORDER BY id"
        )
        with self._engine.connect() as connection:
            return list(connection.execute(entries, {"requests": list(requests)}))


def entries_without_actor(entries: Sequence[Row[Any]]) -> list[str]:
    """Return the entries that have no user or no address."""
    without = (entry for entry in entries if not (entry.user_id and entry.ip_address))
    return [f"by {entry.user_id} from {entry.ip_address}" for entry in without]
