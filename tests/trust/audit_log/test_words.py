"""Everything that the trail can tell of has words, in every language the same set."""

from flask import Flask
from sqlalchemy import Engine, text

from app.audit.actions import Action
from app.declarations.registry import registry_of
from app.trust.audit_log.field_kinds import field_kinds
from app.trust.audit_log.words import (
    ACTIONS,
    GROUPS,
    VERBS,
    action_options,
    action_sentence,
    field_label,
    resource_label,
    resource_options,
    resource_types,
)

#: What is told of without being a row that is recorded.
NO_ROWS = {"audit", "permission", "job"}


def audited(engine: Engine) -> set[str]:
    """The kinds of records that the database records changes of: what the triggers are told."""
    with engine.connect() as connection:
        arguments = connection.execute(
            text("SELECT tgargs FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid WHERE proname = 'audit_row'")
        )
        return {bytes(argument).split(b"\0")[0].decode() for (argument,) in arguments}


def test_every_action_has_a_sentence() -> None:
    assert ACTIONS.keys() == set(Action)


def named_by_the_database(app: Flask) -> set[str]:
    """What it may call a change that nobody has named."""
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

    assert sentences["call_note.purged"] == "Removed for good: call note"
    assert all(sentence and "_" not in sentence for sentence in sentences.values())


def test_what_has_no_words_is_made_readable(app: Flask) -> None:
    with app.test_request_context():
        assert action_sentence("old_thing.polished") == "Old thing polished"
        assert action_sentence("nonsense") == "Nonsense"
        assert resource_label("old_thing") == "Old thing"
        assert resource_label("api_key") == "API key"
        assert field_label("twilio_sid") == "Twilio sid"
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
