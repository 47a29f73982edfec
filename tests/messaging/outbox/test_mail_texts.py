"""Texts of the emails: subjects, links and footers."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask_babel import force_locale

from app.messaging.outbox.mails import LINK_PAGES, LINK_PLACE, SUBJECTS, Mail
from app.models import Language, Message

Written = Callable[..., Message]


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("mail", list(Mail))
def test_every_mail_ends_with_whom_it_is_from_and_why(written: Written, mail: Mail, language: str) -> None:
    message = written(mail, language)

    text, _marks, foot = message.body.partition("\n\n-- \n")
    product, why = foot.split("\n")
    assert text
    assert product == "Switchboard · Blue Ridge Air"
    assert "Blue Ridge Air" in why
    if language == Language.ENGLISH:
        reason = "you were invited to" if mail is Mail.INVITATION else "you have an account at"
        assert why == f"You’re receiving this because {reason} Blue Ridge Air."


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("mail", list(Mail))
def test_a_sentence_after_the_greeting_begins_with_a_capital(written: Written, mail: Mail, language: str) -> None:
    _greeting, first, *_rest = written(mail, language).body.split("\n\n")

    assert not first[0].islower()


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("mail", list(LINK_PAGES))
def test_a_link_has_words_before_it(written: Written, mail: Mail, language: str) -> None:
    (line,) = [line for line in written(mail, language).body.split("\n") if LINK_PLACE in line]

    assert len(line.removesuffix(f": {LINK_PLACE}").split()) > 1
    assert line.endswith(f": {LINK_PLACE}")


@pytest.mark.parametrize("language", list(Language))
def test_no_two_mails_have_one_subject(app: Flask, language: str) -> None:
    with app.app_context(), force_locale(language):
        subjects = [str(subject) for subject in SUBJECTS.values()]

    assert len(set(subjects)) == len(Mail)
