"""Template output in the language of each page: placeholders, labels of stored values, and times."""

from datetime import UTC, datetime

from flask import Flask, render_template_string
from flask_babel import force_locale, lazy_gettext

NEW_YEAR = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_values_in_a_text_are_escaped_and_the_text_is_not(app: Flask) -> None:
    with app.test_request_context():
        shown = render_template_string("{{ _('<b>%(name)s</b>', name=name) }}", name="<script>")

    assert shown == "<b>&lt;script&gt;</b>"


def test_a_text_without_values_may_have_a_percent_sign(app: Flask) -> None:
    with app.test_request_context():
        assert render_template_string("{{ _('100%') }}") == "100%"


def test_words_of_stored_values_follow_the_language_of_each_page(app: Flask) -> None:
    template = "{{ 'missed'|label('CallStatus') }}, {{ none|label('CallStatus') }}"
    with app.test_request_context():
        english = render_template_string(template)
        with force_locale("ru"):
            russian = render_template_string(template)

        assert english == "Missed, –"
        assert russian != english
        assert render_template_string(template) == english


def test_a_page_inside_a_page_leaves_the_outer_one_its_language(app: Flask) -> None:
    def inner() -> str:
        with force_locale("ru"):
            return render_template_string("{{ 0.5|percent }}")

    with app.test_request_context():
        shown = render_template_string("{{ inner() }} {{ 0.5|percent }}", inner=inner)

    assert shown == "50,0\N{NO-BREAK SPACE}% 50.0%"


def test_a_moment_has_the_whole_of_it_for_programs_and_on_hover(app: Flask) -> None:
    with app.test_request_context():
        shown = render_template_string("{{ moment|when('time') }}", moment=NEW_YEAR)

    assert shown.startswith('<time datetime="2026-01-01T12:00:00+00:00" title="Jan 1, 2026, 12:00')
    assert shown.endswith('UTC">12:00\N{NO-BREAK SPACE}PM</time>')


def test_a_lazy_sentence_is_text_with_whatever_a_request_has_put_into_it(app: Flask) -> None:
    sentence = lazy_gettext("There’s no filter “%(name)s” here.", name="<b onclick=x>")
    with app.test_request_context():
        shown = [
            render_template_string("{{ sentence }}", sentence=sentence),
            render_template_string("{{ [sentence]|join(' ') }}", sentence=sentence),
            render_template_string("{{ {'title': sentence}|xmlattr }}", sentence=sentence),
            render_template_string("{{ _('%(what)s', what=sentence) }}", sentence=sentence),
        ]

    for one in shown:
        assert "“&lt;b onclick=x&gt;”" in one
        assert "<b" not in one


def test_every_template_is_compiled_once(app: Flask) -> None:
    environment = app.jinja_env
    names = environment.list_templates(extensions=["html"])
    assert len(names) > 400

    found = [environment.get_template(name) for name in names]

    assert [environment.get_template(name) for name in names] == found
