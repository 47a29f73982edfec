"""A form that creates a row is sent twice: equal input gives the same row, and different input a conflict."""

from http import HTTPStatus

from tests.support.form_rules.hostile_forms import HostileForm

_DONE = frozenset({HTTPStatus.OK, HTTPStatus.SEE_OTHER})


def lost_when_sent_again(form: HostileForm) -> list[str]:
    """Return the fields whose change is lost, or the statuses of two equal requests if those are wrong."""

    def answer(**changed: str) -> int:
        return form.scene.client.answer_of(form.action, {**form.good, **changed}).status

    first, again = answer(), answer()
    # A page that is shown only once, such as that of a new key, isn't shown again.
    if first not in _DONE or again not in (_DONE if first == HTTPStatus.SEE_OTHER else {*_DONE, HTTPStatus.CONFLICT}):
        return [f"sent twice: {first}, {again}"]
    return [name for name in form.texts if answer(**{name: f"{form.good.get(name, '')} and more"}) in _DONE]
