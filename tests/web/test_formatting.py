"""Formatting of times, durations and numbers for people."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from flask import Flask, render_template_string
from flask_babel import force_locale, ngettext

from app.web import formatting

ENGLISH, RUSSIAN, UZBEK = Locale("en"), Locale("ru"), Locale("uz")
CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 20, 20, 41, tzinfo=UTC)
THEN = formatting.in_zone(NOW, CHICAGO)
#: A no-break space separates the time from AM or PM.
NBSP = "\N{NO-BREAK SPACE}"


def test_a_moment_of_this_year_is_shown_without_the_year() -> None:
    assert formatting.date_and_clock(THEN, ENGLISH, NOW) == f"Nov 20, 2:41{NBSP}PM"
    assert formatting.date_and_clock(THEN, RUSSIAN, NOW) == "20 нояб., 14:41"
    assert formatting.date_and_clock(THEN.replace(year=2025), ENGLISH, NOW) == f"Nov 20, 2025, 2:41{NBSP}PM"


def test_the_year_turns_on_the_clocks_of_the_moment() -> None:
    new_year_in_utc = datetime(2027, 1, 1, 2, tzinfo=UTC)
    evening_in_chicago = formatting.in_zone(datetime(2026, 12, 31, 22, tzinfo=CHICAGO), CHICAGO)
    assert formatting.date_and_clock(evening_in_chicago, ENGLISH, new_year_in_utc) == f"Dec 31, 10:00{NBSP}PM"


def test_the_whole_of_a_moment_names_its_zone() -> None:
    assert formatting.full_moment(THEN, ENGLISH) == f"Nov 20, 2026, 2:41{NBSP}PM CST"
    summer = formatting.in_zone(datetime(2026, 7, 1, 12, tzinfo=UTC), CHICAGO)
    assert formatting.full_moment(summer, ENGLISH).endswith("CDT")


@pytest.mark.parametrize(
    ("zone", "offset"),
    [("UTC", "UTC"), ("America/Chicago", "UTC−6"), ("Asia/Tashkent", "UTC+5"), ("Asia/Kolkata", "UTC+5:30")],
)
def test_the_offset_of_a_zone_is_short(zone: str, offset: str) -> None:
    assert formatting.zone_offset(formatting.in_zone(NOW, ZoneInfo(zone))) == offset


def test_a_zone_without_a_name_in_the_language_shows_its_offset() -> None:
    assert formatting.zone_name(formatting.in_zone(NOW, ZoneInfo("Asia/Tashkent")), ENGLISH) == "UTC+5"


def test_a_moment_without_a_zone_is_taken_for_utc() -> None:
    assert formatting.in_zone(NOW.replace(tzinfo=None), CHICAGO) == NOW


@pytest.mark.parametrize(
    ("ago", "shown"),
    [
        (timedelta(minutes=6), "6 min. ago"),
        (timedelta(minutes=-6), "in 6 min."),
        (timedelta(minutes=59, seconds=59), "1 hr. ago"),
        (timedelta(hours=1), None),
    ],
)
def test_an_age_is_told_within_the_hour(ago: timedelta, shown: str | None) -> None:
    assert formatting.age(NOW - ago, ENGLISH, NOW) == shown


def test_less_than_a_minute_is_now() -> None:
    assert formatting.age(NOW - timedelta(seconds=20), ENGLISH, NOW) == "now"


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        (date(2026, 11, 7), date(2026, 11, 20), "Nov 7 – 20, 2026"),
        (date(2026, 10, 24), date(2026, 11, 6), "Oct 24 – Nov 6, 2026"),
        (date(2026, 11, 20), date(2026, 11, 20), "Nov 20, 2026"),
    ],
)
def test_a_span_of_days_says_no_more_than_needed(first: date, last: date, shown: str) -> None:
    assert formatting.date_span(first, last, ENGLISH) == shown


@pytest.mark.parametrize(
    ("seconds", "clock", "spoken"),
    [
        (0, "0:00", "0 s"),
        (59.6, "1:00", "1 min 0 s"),
        (374, "6:14", "6 min 14 s"),
        (3723, "1:02:03", "1 h 2 min"),
        (timedelta(seconds=9), "0:09", "9 s"),
        (None, "–", "–"),
    ],
)
def test_a_duration_is_a_clock_or_words(seconds: float | timedelta | None, clock: str, spoken: str) -> None:
    assert formatting.duration(seconds) == clock
    assert formatting.spoken_duration(seconds) == spoken


def test_figures_follow_the_language() -> None:
    assert formatting.number(12841, ENGLISH) == "12,841"
    assert formatting.number(12841, RUSSIAN) == "12\N{NO-BREAK SPACE}841"
    assert formatting.number(4.27, UZBEK, 1) == "4,3"
    assert formatting.number(-0.0, ENGLISH) == "0"
    assert formatting.percent(0.7364, ENGLISH) == "73.6%"
    assert formatting.percent(0.7364, RUSSIAN, 0) == "74\N{NO-BREAK SPACE}%"


@pytest.mark.parametrize(("kind", "zero"), [("percent", "0.0%"), ("money", "$0"), ("number", "0"), ("decimal", "0.0")])
@pytest.mark.parametrize("order", [(Decimal("-0"), Decimal()), (Decimal(), Decimal("-0"))], ids=["-0 first", "0 first"])
def test_zero_has_no_sign(kind: str, zero: str, order: tuple[Decimal, Decimal]) -> None:
    for cache in (formatting._percent, formatting._money, formatting._number):
        cache.cache_clear()
    assert [formatting.figure(value, kind, ENGLISH) for value in order] == [zero, zero]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(Decimal("0.0625"), "6.3%"), (0.0005, "0.1%"), (-0.0005, "−0.1%"), (Decimal("0.12345"), "12.3%")],
)
def test_a_half_is_rounded_away_from_zero(value: Decimal | float, shown: str) -> None:
    assert formatting.percent(value, ENGLISH) == shown


def test_durations_and_figures_are_rounded_the_same_way() -> None:
    assert (formatting.duration(2.5), formatting.number(2.5, ENGLISH, 0)) == ("0:03", "3")
    assert (formatting.number(0.25, ENGLISH, 1), formatting.points(0.0005, ENGLISH)) == ("0.3", "+0.1 pts")


@pytest.mark.parametrize(
    ("locale", "shown"), [("en", "12,841 rows"), ("ru", "12\N{NO-BREAK SPACE}841"), ("uz", "12\N{NO-BREAK SPACE}841")]
)
def test_a_count_in_a_sentence_has_its_thousands_apart_in_every_language(app: Flask, locale: str, shown: str) -> None:
    sentence = "{{ ngettext('%(num)s row was checked', '%(num)s rows were checked', number) }}"
    with app.test_request_context("/login"), force_locale(locale):
        app.preprocess_request()
        in_a_template = render_template_string(sentence, number=12_841)
        in_code = ngettext("%(num)s row was checked", "%(num)s rows were checked", 12_841)

    assert shown in in_a_template
    assert shown in in_code


@pytest.mark.parametrize(
    ("first", "after", "zone", "shown"),
    [
        (date(2026, 7, 1), date(2026, 8, 1), "America/Chicago", "CDT (UTC−5)"),
        (date(2026, 1, 1), date(2026, 2, 1), "America/Chicago", "CST (UTC−6)"),
        (date(2026, 11, 1), date(2026, 11, 2), "America/Chicago", "CDT (UTC−5) / CST (UTC−6)"),
        (date(1990, 1, 1), date(2000, 1, 1), "America/Chicago", "CST (UTC−6) / CDT (UTC−5)"),
        (date(2026, 1, 1), date(2027, 1, 1), "Asia/Tashkent", "UTC+5"),
        (date(2026, 4, 1), date(2026, 4, 30), "Australia/Lord_Howe", "UTC+11 / UTC+10:30"),
    ],
)
def test_the_zones_of_some_days_are_those_that_the_clocks_had(first: date, after: date, zone: str, shown: str) -> None:
    assert formatting.zones_of(first, after, ZoneInfo(zone), ENGLISH) == shown


@pytest.mark.parametrize(("ago", "shown"), [(timedelta(hours=3), "3 hr. ago"), (timedelta(days=-2), "in 2 days")])
def test_an_age_of_any_length_is_told_where_it_is_asked_for(ago: timedelta, shown: str) -> None:
    assert formatting.long_age(NOW - ago, ENGLISH, NOW) == shown


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (38900, "$38,900"),
        (Decimal("89.50"), "$89.50"),
        (-5, "−$5"),
        (Decimal("100.125"), "$100.13"),
        (Decimal("99.999"), "$100"),
    ],
)
def test_cents_are_shown_only_where_there_are_any(amount: Decimal, shown: str) -> None:
    assert formatting.money(amount, ENGLISH) == shown


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (Decimal("0.010000"), "$0.01"),
        (Decimal("0.008500"), "$0.0085"),
        (Decimal("0.500000"), "$0.50"),
        (Decimal("1.234567"), "$1.23457"),
        (Decimal("12.000000"), "$12"),
        (0.0085, "$0.0085"),
        (Decimal("-0.0085"), "−$0.0085"),
        (Decimal("0.000001"), "$0"),
    ],
)
def test_fractions_of_a_cent_are_shown_where_they_count(amount: Decimal, shown: str) -> None:
    assert formatting.money(amount, ENGLISH, decimals=5) == shown


@pytest.mark.parametrize(("value", "shown"), [(14, "+14"), (0, "0"), (-3, "−3"), (None, "–")])
def test_a_change_has_its_sign(value: int | None, shown: str) -> None:
    assert formatting.signed(value, ENGLISH) == shown


@pytest.mark.parametrize(
    ("fraction", "shown"),
    [(0.05, "+5.0 pts"), (-0.009, "−0.9 pts"), (0, "0.0 pts"), (None, "–")],
)
def test_the_difference_of_two_rates_is_in_points(fraction: float | None, shown: str) -> None:
    assert formatting.points(fraction, ENGLISH) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+15125550131", "(512) 555-0131"),
        ("+998712001234", "+998 71 200 12 34"),
        ("anonymous", "anonymous"),
        ("", "–"),
        (None, "–"),
    ],
)
def test_a_phone_number_is_shown_as_people_dial_it(number: str | None, shown: str) -> None:
    assert formatting.phone(number) == shown


@pytest.mark.parametrize(
    ("name", "shown"), [("Maya Torres", "MT"), ("Cher", "C"), ("ana maria lópez", "AM"), ("(512) 555-0131", "#")]
)
def test_initials_are_those_of_two_words(name: str, shown: str) -> None:
    assert formatting.initials(name) == shown


@pytest.mark.parametrize(
    ("value", "kind", "shown"),
    [
        (0.5, "percent", "50.0%"),
        (90, "duration", "1:30"),
        (3, "decimal", "3.0"),
        (7, "number", "7"),
        (7, "money", "$7"),
        (None, "percent", "–"),
    ],
)
def test_a_figure_reads_as_its_kind(value: float | None, kind: str, shown: str) -> None:
    assert formatting.figure(value, kind, ENGLISH) == shown


def test_a_literal_figure_in_a_template_follows_the_language_of_each_request(app: Flask) -> None:
    template = "{{ 0.7364|percent }}"
    with app.test_request_context():
        assert render_template_string(template) == "73.6%"
        with force_locale("ru"):
            assert render_template_string(template) == "73,6\N{NO-BREAK SPACE}%"


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, f"0{NBSP}B"),
        (1_023, f"1,023{NBSP}B"),
        (1_024, f"1{NBSP}KB"),
        (9_400_123, f"9{NBSP}MB"),
        (9_500_123, f"9.1{NBSP}MB"),
        (100 * 1024**3, f"100{NBSP}GB"),
        (12_000 * 1024**3, f"12,000{NBSP}GB"),
        (None, "–"),
    ],
)
def test_a_size_has_at_most_one_decimal_and_its_unit(size: int | None, shown: str) -> None:
    assert formatting.file_size(size, ENGLISH) == shown


@pytest.mark.parametrize(
    ("language", "size", "amount", "letters", "day"),
    [
        ("en", f"14.2{NBSP}MB", "$1,200.50", f"RUB{NBSP}1,200", "Nov 20"),
        ("ru", f"14,2{NBSP}МБ", f"1{NBSP}200,50{NBSP}$", f"1{NBSP}200{NBSP}₽", "20 нояб."),
        ("uz", f"14,2{NBSP}MB", f"1{NBSP}200,50{NBSP}US$", f"1{NBSP}200{NBSP}RUB", "20-noy"),
    ],
)
def test_sizes_sums_and_days_are_written_as_the_language_does(
    app: Flask, language: str, size: str, amount: str, letters: str, day: str
) -> None:
    locale = Locale(language)
    with app.test_request_context(), force_locale(language):
        assert formatting.file_size(14_900_000, locale) == size
    assert formatting.money(Decimal("1200.50"), locale) == amount
    assert formatting.money(1200, locale, "RUB") == letters
    assert formatting.short_date(date(2026, 11, 20), locale, date(2026, 1, 1)) == day
