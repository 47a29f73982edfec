"""North American numbers are parsed without the phone number library, with the same result."""

import phonenumbers
import pytest

from app.data.imports.phone_rules import phone_parser

_FORMS = (
    "{0}{1}{2}", "({0}) {1}-{2}", "({0}){1}-{2}", "{0}-{1}-{2}", "{0}.{1}.{2}", "{0} {1} {2}", "1{0}{1}{2}",
    "1-{0}-{1}-{2}", "+1{0}{1}{2}", "+1 ({0}) {1}-{2}", "+1-{0}-{1}-{2}", "1 ({0}) {1} {2}", "+1.{0}.{1}.{2}",
)  # fmt: skip
_NUMBERS = [(area, office, "0142") for area in ("212", "242", "800", "876", "999") for office in ("000", "199", "555")]


@pytest.mark.parametrize("country", sorted(phonenumbers.region_codes_for_country_code(1)))
def test_a_number_that_is_written_as_usual_is_what_the_library_says(country: str) -> None:
    parse = phone_parser(country)
    for form in _FORMS:
        for number in _NUMBERS:
            written = form.format(*number)
            expected = phonenumbers.format_number(
                phonenumbers.parse(written, country), phonenumbers.PhoneNumberFormat.E164
            )
            assert parse(written) == expected, written


def test_elsewhere_only_an_international_prefix_makes_it_one_of_north_america() -> None:
    parse = phone_parser("GB")
    assert parse("+1 (212) 555-0142") == "+12125550142"
    assert parse("212 555 0142") == "+442125550142"
