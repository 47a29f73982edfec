"""Behavior that people, their programs and stored data rely on stays as recorded in `before/`; additions are fine.

For a deliberate change, add it to INTENDED, or record again with `python -m tests.contract.before`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from tests.contract.before.records import FOLDER, Items, differences, load
from tests.contract.before.topics import TOPICS, TOPICS_OF_OWNER_PAGES, Installation
from tests.support.database import WorkerDatabase
from tests.support.factories import Factories
from tests.support.owner_pages import OwnerPages
from tests.support.stage import Stage

_VERBS = {
    "created": {"en": "Added", "ru": "Добавлено", "uz": "Qoʻshildi"},  # noqa: RUF001 - the letter of Uzbek
    "updated": {"en": "Changed", "ru": "Изменено", "uz": "Oʻzgartirildi"},  # noqa: RUF001 - the letter of Uzbek
    "deleted": {"en": "Deleted", "ru": "Удалено", "uz": "Oʻchirildi"},  # noqa: RUF001 - the letter of Uzbek
    "restored": {"en": "Restored", "ru": "Восстановлено", "uz": "Tiklandi"},
    "purged": {"en": "Permanently deleted", "ru": "Удалено навсегда", "uz": "Butunlay oʻchirildi"},  # noqa: RUF001 - the letter of Uzbek
}


def _in_the_trail(resource: str, **called: str) -> dict[str, Any]:
    """Return the trail's texts about a record with these names, by language."""
    changes = {
        f"action {resource}.{verb}": {language: f"{said[language]}: {noun}" for language, noun in called.items()}
        for verb, said in _VERBS.items()
    }
    return {f"record {resource}": {language: _alone(noun) for language, noun in called.items()}, **changes}


def _in_the_trash(resource: str, **called: Sequence[str]) -> dict[str, Any]:
    """Return the trash's words for a kind of record, by language: singular, plural, and with 1, 2 and 5."""
    one, several, *counted = ({language: words[at] for language, words in called.items()} for at in range(5))
    return {
        f"{resource}: one": {language: _alone(noun) for language, noun in one.items()},
        f"{resource}: several": {language: _alone(noun) for language, noun in several.items()},
        **{f"{resource}: {number}": words for number, words in zip((1, 2, 5), counted, strict=True)},
    }


def _uzbek(noun: str) -> Sequence[str]:
    return [f"{number} ta {noun}" for number in (1, 2, 5)]


def _alone(noun: str) -> str:
    return noun[:1].upper() + noun[1:]


#: Deliberate differences from the record: the current value by topic and item (None if it was removed), each with a
#: comment that gives the reason.
INTENDED: Mapping[str, Mapping[str, Any]] = {
    # One term per thing (docs/words.md): the trail and the trash had different names for these four.
    "audit_words": {
        **_in_the_trail("contact_phone", en="contact number", ru="номер контакта", uz="kontakt raqami"),
        **_in_the_trail("pending_action", en="suggested task", ru="предложенная задача", uz="taklif qilingan vazifa"),
    },
    "trash_words": {
        **_in_the_trash(
            "knowledge_item",
            en=("knowledge item", "knowledge items", "1 knowledge item", "2 knowledge items", "5 knowledge items"),
            ru=(
                "запись базы знаний",
                "записи базы знаний",
                "1 запись базы знаний",
                "2 записи базы знаний",
                "5 записей базы знаний",
            ),
            uz=("bilimlar bazasi bandi", "bilimlar bazasi bandlari", *_uzbek("bilimlar bazasi bandi")),
        ),
        **_in_the_trash(
            "phone_number",
            en=("phone number", "phone numbers", "1 phone number", "2 phone numbers", "5 phone numbers"),
            ru=("номер телефона", "номера телефонов", "1 номер телефона", "2 номера телефонов", "5 номеров телефонов"),
            uz=("telefon raqami", "telefon raqamlari", *_uzbek("telefon raqami")),
        ),
        **_in_the_trash(
            "contact_phone",
            en=("contact number", "contact numbers", "1 contact number", "2 contact numbers", "5 contact numbers"),
            ru=("номер контакта", "номера контактов", "1 номер контакта", "2 номера контактов", "5 номеров контактов"),
            uz=("kontakt raqami", "kontakt raqamlari", *_uzbek("kontakt raqami")),
        ),
    },
    # A field has the same name in lists, in exports and in imports.
    "import_targets": {
        "calls: booking_status": {
            "columns": ["booking status", "booking", "booked"],
            "identifying": False,
            "label": {"en": "Booking", "ru": "Запись на визит", "uz": "Buyurtma"},
            "repeatable": False,
        },
        "calls: call_type": {
            "columns": ["call type", "type of call", "тип звонка"],
            "identifying": False,
            "label": {"en": "Type", "ru": "Тип", "uz": "Turi"},
            "repeatable": False,
        },
    },
    # Lists, exports and bulk changes are stored by the names that features declare; a pattern replaced these
    # constraints.
    "schema": {
        "constraint bulk_operations.check_action": None,
        "constraint exports.check_kind": None,
        "constraint list_settings.check_page": None,
        "constraint saved_views.check_page": None,
        # A suspended user keeps the seat, and can sign in when the suspension ends.
        "function find_accounts(text)": None,
        "function organizations_with_quota_warnings_due()": None,
        "index idx_users_seats": None,
        # A message is one attempt, which the index of its reference enforces; a text message can be canceled until it
        # is sent.
        "index idx_missed_attempts_message": None,
        "constraint messages.check_status": (
            "CHECK ((status = ANY (ARRAY['queued'::text, 'sent'::text, 'delivered'::text, 'undelivered'::text,"
            " 'failed'::text, 'cancelled'::text])))"
        ),
    },
}

HOW = (
    "What people or stored data see has changed. If that is meant, say so in INTENDED of "
    "tests/contract/test_unchanged.py, or record it with `python -m tests.contract.before {topic}`:"
)


@pytest.fixture
def installation(app: Flask, make: Factories, database: WorkerDatabase, stage: Stage) -> Installation:
    """The app, without an owner's pages."""
    return Installation(app, make, database.url("app_owner"), stage, {})


@pytest.mark.parametrize("topic", sorted(TOPICS.keys() - TOPICS_OF_OWNER_PAGES))
def test_what_was_known_stays(installation: Installation, topic: str) -> None:
    check_topic(topic, TOPICS[topic](installation))


# The forms are compared in test_forms.py, after the walk that has opened their pages.
@pytest.mark.parametrize("topic", sorted(TOPICS_OF_OWNER_PAGES - {"forms"}))
def test_what_was_known_on_pages_stays(installation: Installation, owner_pages: OwnerPages, topic: str) -> None:
    check_topic(topic, TOPICS[topic](replace(installation, owner_pages=owner_pages)))


def check_topic(topic: str, now: Items) -> None:
    """Raise AssertionError if something recorded about a topic has changed or is missing."""
    merged = {**load(topic), **INTENDED.get(topic, {})}
    wanted = {name: item for name, item in merged.items() if item is not None}
    changes = differences(wanted, now, with_added=False)
    assert not changes, "\n".join([HOW.format(topic=topic), *changes])


def test_every_record_is_compared() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(TOPICS)
    assert INTENDED.keys() <= TOPICS.keys()
