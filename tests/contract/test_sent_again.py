"""A form that creates a row is sent twice: equal input gives the same row, and different input a conflict."""

from http import HTTPStatus

from tests.support.hostile_forms import HostileForm, hostile_forms
from tests.support.stage import Stage

DONE = frozenset({HTTPStatus.OK, HTTPStatus.SEE_OTHER})


def test_a_form_that_is_sent_again_loses_nothing(stage: Stage) -> None:
    wrong = {}
    for form in hostile_forms(stage):
        if form.makes_a_row and (found := _lost(form)):
            wrong[form.endpoint] = found

    assert wrong == {}


def _lost(form: HostileForm) -> list[str]:
    def answer(**changed: str) -> int:
        return form.scene.client.answer_of(form.action, {**form.good, **changed}).status

    first, again = answer(), answer()
    # A page that is shown only once, such as that of a new key, isn't shown again.
    if first not in DONE or again not in (DONE if first == HTTPStatus.SEE_OTHER else {*DONE, HTTPStatus.CONFLICT}):
        return [f"sent twice: {first}, {again}"]
    return [name for name in form.texts if answer(**{name: f"{form.good.get(name, '')} and more"}) in DONE]
