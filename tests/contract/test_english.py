"""English messages follow docs/words.md: one word per thing, and labels that are nouns."""

import re
from pathlib import Path

import pytest

from app.config import PROJECT_ROOT
from app.models import Language
from tests.contract.test_translations import catalogue_of, forms, sentences
from tests.support.english import ALLOWED, POSSIBILITIES, faults, greeting_faults
from tests.support.messages import messages

_TAG = re.compile(r"\{%.*?%\}|\{#.*?#\}")
MAILS = sorted((PROJECT_ROOT / "templates" / "messaging" / "mail").glob("*.txt"))

#: One planted message for each rule, with the fault it must have.
PLANTED = {
    "Somebody has changed this since.": "Somebody",
    "Set this change back, or set back all of them.": "set back",
    "%(count)s rows came in with a remark.": "remark",
    "Remove the second factor": "second factor",
    "Deleted for good": "for good",
    "The appointment was cancelled.": "cancelled",
    "What came of the call": "a label that begins with a question word",
    "Of the team": "a label that begins with a question word",
    "You may not change this person.": "“may” for permission",
    "Assign …": "a space before an ellipsis",
    "This name is taken already.": "“already” at the end",
    "Choose the id of a call.": "“id” in lower case",
    "It's saved.": "a straight quotation mark or apostrophe",
}


def test_every_message_is_plain_english(run_folder: Path) -> None:
    texts = {form for message in messages(run_folder) for form in forms(message.text)}
    wrong = {form: list(faults(form)) for form in texts}

    assert len(texts) > 4_000
    assert {form: refused for form, refused in wrong.items() if refused} == {}, "docs/words.md has better words"


@pytest.mark.parametrize(("message", "fault"), PLANTED.items())
def test_a_planted_message_is_refused(message: str, fault: str) -> None:
    assert fault in list(faults(message))


def test_names_that_only_look_forbidden_are_accepted() -> None:
    assert list(faults("This person’s valid IDs stay selected for %(ids)s.")) == []
    assert list(faults("No task has that name yet. Who should get it?")) == []


def test_every_exception_is_still_needed() -> None:
    beginnings = [form for message in sentences(catalogue_of(Language.RUSSIAN)) for form in forms(message.id)]

    assert [start for start in (*ALLOWED, *POSSIBILITIES) if not any(one.startswith(start) for one in beginnings)] == []


def test_every_email_goes_on_with_a_capital_letter() -> None:
    bodies = {path.name: re.sub(r"\{\{.*?\}\}", "Name", _TAG.sub("", path.read_text())) for path in MAILS}

    assert len(bodies) > 10
    assert {name: list(greeting_faults(body)) for name, body in bodies.items() if list(greeting_faults(body))} == {}
    assert list(greeting_faults("Hello Evelyn,\n\nthe password was changed.")) == ["the password was changed."]
