"""Labels, in every language, for everything that the audit trail can show."""

import ast
from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import Engine, text

from app.audit.actions import Action
from app.config import PROJECT_ROOT
from app.declarations.registry import registry_of
from app.models import AssistantModel, AssistantVoice, NumberProvider, Provider, Role, StaffRole
from app.trust.audit_log.action_words import ACTIONS, VERBS
from app.trust.audit_log.field_kinds import field_kinds
from app.trust.audit_log.field_words import FIELDS
from app.trust.audit_log.rare_field_words import RARE
from app.trust.audit_log.revert_rules import NO_CHANGES
from app.trust.audit_log.value_words import VALUES
from app.trust.audit_log.words import (
    GROUPS,
    action_options,
    action_sentence,
    field_label,
    group_label,
    resource_label,
    resource_options,
    resource_types,
)
from app.web.value_words import LABELS, LANGUAGES
from tests.support.sources import parsed

#: Functions that record an event, or add details to one.
RECORDING = {"record_event", "record_apart", "name_action", "name_change"}
#: Roles, which are labeled elsewhere, and enumerations of proper names.
NAMES = {Role, StaffRole, AssistantModel, AssistantVoice, NumberProvider, Provider}
#: Words that are the same in Russian or Uzbek, and proper names.
SAME = {
    *("ID", "Import", "Model", "Token", "URL", "CallRail", "Otto", "Shunya", *LANGUAGES.values()),
    *("CallRail ID", "Shunya ID", "Twilio ID", "VAPI call ID"),
}
#: Subjects of entries that are not audited rows.
NO_ROWS = {"audit", "permission", "job"}


def audited(engine: Engine) -> set[str]:
    """Return the resource types that are audited, from the arguments of the database's triggers."""
    with engine.connect() as connection:
        arguments = connection.execute(
            text("SELECT tgargs FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid WHERE proname = 'audit_row'")
        )
        return {bytes(argument).split(b"\0")[0].decode() for (argument,) in arguments}


def test_every_action_has_a_sentence() -> None:
    assert ACTIONS.keys() == set(Action)


def named_by_the_database(app: Flask) -> set[str]:
    """Return the default actions that the database records for unnamed changes."""
    resources = registry_of(app).resources
    return {f"{name}.{verb}" for name, one in resources.items() if one.is_audited for verb in VERBS}


def test_exactly_what_the_database_audits_is_a_resource_that_is_audited(app: Flask, admin_engine: Engine) -> None:
    kinds = audited(admin_engine)
    resources = registry_of(app).resources

    assert len(kinds) > 40
    assert kinds | {"job"} == {name for name, one in resources.items() if one.is_audited}
    with app.app_context():
        assert kinds | NO_ROWS == set(resource_types())


def test_every_change_that_nobody_names_has_a_sentence(app: Flask) -> None:
    with app.test_request_context():
        sentences = {action: action_sentence(action) for action in named_by_the_database(app)}

    assert sentences["call_note.purged"] == "Permanently deleted: call note"
    assert all(sentence and "_" not in sentence for sentence in sentences.values())


def test_what_has_no_words_is_made_readable(app: Flask) -> None:
    with app.test_request_context():
        assert action_sentence("old_thing.polished") == "Old thing polished"
        assert action_sentence("nonsense") == "Nonsense"
        assert resource_label("old_thing") == "Old thing"
        assert resource_label("api_key") == "API key"
        assert field_label("old_thing_id") == "Old thing"


def test_actions_of_groups_are_actions(app: Flask) -> None:
    named = {action for group in GROUPS.values() for action in group.actions}

    assert named <= {action.value for action in Action} | named_by_the_database(app)


def test_pickers_offer_each_once(app: Flask) -> None:
    with app.test_request_context():
        for options in (action_options(), resource_options()):
            values = [value for value, _words in options]
            assert len(values) == len(set(values))


def test_references_and_enumerations_are_read_off_the_models(app: Flask) -> None:
    with app.app_context():
        call, unknown = field_kinds("call"), field_kinds("no such kind")

    assert call["csr_id"].refers_to == "user"
    assert call["contact_card_id"].refers_to == "contact_card"
    assert call["booking_status"].choice is not None
    assert call["started_at"].is_moment
    assert unknown == {}


def test_every_column_and_every_detail_has_a_word(app: Flask) -> None:
    resources = [one for one in registry_of(app).resources.values() if one.is_audited]
    recorded = {name for one in registry_of(app).resources.values() for name in one.recorded}
    told = {name for one in resources for name in one.model.__table__.columns.keys()} | {*details()}  # noqa: SIM118 - columns are not iterated by name

    assert len(told) > 300
    assert told - NO_CHANGES - recorded - FIELDS.keys() - RARE.keys() == set()


def test_every_value_that_is_one_of_several_has_words(app: Flask) -> None:
    with app.app_context():
        kinds = [field_kinds(name).values() for name, one in registry_of(app).resources.items() if one.is_audited]
    choices = {kind.choice for of_one in kinds for kind in of_one if kind.choice is not None} - NAMES
    unnamed = {choice.__name__: {*choice} - {*LABELS.get(choice, VALUES.get(choice, ()))} for choice in choices}

    assert len(choices) > 30
    assert {name: values for name, values in unnamed.items() if values} == {}
    assert LABELS.keys() & VALUES.keys() == set(), "two places say what the same value is called"


@pytest.mark.parametrize("language", ["ru", "uz"])
def test_no_word_of_the_trail_is_left_in_english(app: Flask, language: str) -> None:
    english, translated = words_of_the_trail(app, "en"), words_of_the_trail(app, language)
    same = {name: word for name, word in translated.items() if word == english[name] and word not in SAME}

    assert len(english) > 700
    assert same == {}


def words_of_the_trail(app: Flask, language: str) -> dict[str, str]:
    """Return all labels that the audit trail uses in a language, by key."""
    resources = registry_of(app).resources
    fields = {*FIELDS, *RARE} | {name for one in resources.values() for name in one.recorded}
    with app.test_request_context(), force_locale(language):
        return {
            **{f"action {name}": action_sentence(name) for name in {*map(str, Action), *named_by_the_database(app)}},
            **{f"kind {name}": resource_label(name) for name in resource_types()},
            **{f"field {name}": field_label(name) for name in fields},
            **{f"group {name}": group_label(name) for name in GROUPS},
            **{f"{kind.__name__} {value}": str(words[value]) for kind, words in VALUES.items() for value in words},
        }


def details() -> Iterator[str]:
    """Yield the names of the details that the code adds to entries."""
    for _path, tree in parsed(PROJECT_ROOT / "app", RECORDING):
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") in RECORDING:
                written = (part for part in ast.walk(call) if isinstance(part, ast.Dict))
                yield from (str(key.value) for one in written for key in one.keys if isinstance(key, ast.Constant))
