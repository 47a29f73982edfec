"""Rows that become contacts."""

import pytest

from app.data.imports.mapping_rules import Mapping
from app.data.imports.record_rules import Repair
from app.work.contacts.import_rules import parse_country, parse_full_name
from tests.support.import_files import WriteFile, lines, read_contacts


def contacts_by(*fields: str) -> Mapping:
    return Mapping.model_validate({"kind": "contacts", "columns": {field: field for field in fields}})


def test_every_field_finds_its_place(write_file: WriteFile) -> None:
    row = {
        "external_id": "C-7",
        "first_name": " Ann ",
        "last_name": "O’Neil",
        "company_name": "Cafe\u0301 Ann",
        "primary_phone": "(504) 621-8927",
        "secondary_phones": "504.845.1427; +998 71 200 00 00",
        "email": "Ann@EXAMPLE.com",
        "address_line_1": "1 Main St",
        "address_line_2": "Apt 2",
        "city": "Boston",
        "state": "MA",
        "zip": "02115",
        "country": "United States",
        "tags": "vip; roof,vip",
    }
    path = write_file(lines("\t".join(row), "\t".join(row.values())), "contacts.tsv")
    (contact,), rejected = read_contacts(path, contacts_by(*row))

    assert rejected == []
    assert (contact.external_source, contact.external_id) == ("import", "C-7")
    assert (contact.first_name, contact.last_name, contact.company_name) == ("Ann", "O’Neil", "Caf\u00e9 Ann")
    assert contact.phones == ("+15046218927", "+15048451427", "+998712000000")
    assert (contact.email, contact.tags) == ("Ann@example.com", ("vip", "roof"))
    assert (contact.address_line_1, contact.address_line_2) == ("1 Main St", "Apt 2")
    assert (contact.city, contact.state, contact.zip, contact.country) == ("Boston", "MA", "02115", "US")
    assert contact.repairs == ()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ann Lee", ("Ann", "Lee")),
        ("Ann Mary Lee", ("Ann", "Mary Lee")),
        ("Lee, Ann Mary", ("Ann Mary", "Lee")),
        ("Ann", ("Ann", None)),
        (",Lee", ("Lee", None)),
    ],
)
def test_a_full_name_is_taken_apart(text: str, names: tuple[str | None, str | None]) -> None:
    assert parse_full_name(text) == names


def test_names_of_their_own_columns_go_before_the_full_name(write_file: WriteFile) -> None:
    path = write_file(lines("full_name,first_name", "Ann Lee,Anna"))
    (contact,), _ = read_contacts(path, contacts_by("full_name", "first_name"))

    assert (contact.first_name, contact.last_name) == ("Anna", "Lee")


@pytest.mark.parametrize(
    ("code", "country", "home", "expected"),
    [
        ("2115", "", "US", "02115"),
        ("2115-1234", "us", "GB", "02115-1234"),
        ("02115", "", "US", "02115"),
        ("115", "", "US", "115"),
        ("2115", "NL", "US", "2115"),
        ("2115", "", "AU", "2115"),
    ],
)
def test_a_us_zip_gets_its_lost_zero_back(
    write_file: WriteFile, code: str, country: str, home: str, expected: str
) -> None:
    path = write_file(lines("email,zip,country", f"ann@example.com,{code},{country}"))
    (contact,), _ = read_contacts(path, contacts_by("email", "zip", "country"), country=home)

    assert contact.zip == expected
    assert contact.repairs == ((Repair("zip", code, expected),) if code != expected else ())


def test_without_a_primary_phone_the_first_other_one_is_it(write_file: WriteFile) -> None:
    mapping = Mapping.model_validate(
        {"kind": "contacts", "columns": {"a": "primary_phone", "b": "secondary_phones", "c": "secondary_phones"}}
    )
    path = write_file(lines("a,b,c", ",504-845-1427,504 621 8927", "504-621-8927,,504.621.8927"))
    (first, second), _ = read_contacts(path, mapping)

    assert first.phones == ("+15048451427", "+15046218927")
    assert second.phones == ("+15046218927",)


def test_local_numbers_are_of_the_organization_s_country(write_file: WriteFile) -> None:
    path = write_file(lines("primary_phone", "020 7946 0958", "12"))
    (contact,), rejected = read_contacts(path, contacts_by("primary_phone"), country="GB")

    assert contact.phones == ("+442079460958",)
    assert [error.value for row in rejected for error in row.errors] == ["12", None]


@pytest.mark.parametrize(
    ("text", "code"), [("us", "US"), ("USA", "US"), ("Germany", "DE"), ("Узбекистан", "UZ"), ("Germaniya", "DE")]
)
def test_a_country_is_known_by_code_and_by_name(text: str, code: str) -> None:
    assert parse_country(text) == code


def test_says_all_that_is_wrong_with_a_row(write_file: WriteFile) -> None:
    fields = ("full_name", "email", "primary_phone", "country", "tags", "city")
    tags = ";".join(map(str, range(21)))
    path = write_file(lines(",".join(fields), f"{'x' * 101} y,ann@,12,Mars,{tags},{'y' * 101}"))
    contacts, (first,) = read_contacts(path, contacts_by(*fields))

    assert contacts == []
    assert [(error.column, str(error.reason)) for error in first.errors] == [
        ("full_name", "It’s longer than 100 characters."),
        ("country", "It isn’t a country name or a two-letter country code."),
        ("primary_phone", "It isn’t a phone number: it has too few or too many digits."),
        ("email", "It isn’t an email address."),
        ("city", "It’s longer than 100 characters."),
        ("tags", "There are more than 20 tags."),
        (None, "This row doesn’t identify anyone: there’s no name, company, number or email."),
    ]


def test_a_contact_comes_in_without_what_is_wrong_and_with_the_rest_of_it(write_file: WriteFile) -> None:
    fields = ("full_name", "email", "primary_phone", "tags")
    path = write_file(lines(",".join(fields), f"Ann Lee,ann@,12; 212 555 0101,vip;{'z' * 41}"))
    (contact,), rejected = read_contacts(path, contacts_by(*fields))

    assert rejected == []
    assert (contact.phones, contact.tags, contact.email) == (("+12125550101",), ("vip",), None)
    assert [(remark.column, str(remark.reason)) for remark in contact.remarks] == [
        ("primary_phone", "It isn’t a phone number: it has too few or too many digits."),
        ("email", "It isn’t an email address."),
        ("tags", "A tag is longer than 40 characters."),
    ]


def test_a_row_must_say_who_it_is(write_file: WriteFile) -> None:
    path = write_file(lines("email,city", ",Boston", "1", "ann@example.com,"))
    contacts, (nobody, ragged) = read_contacts(path, contacts_by("email", "city"))

    assert len(contacts) == 1
    assert [(nobody.line, nobody.errors[0].column), (ragged.line, ragged.errors[0].column)] == [(2, None), (3, None)]
    assert "no name, company, number or email" in str(nobody.errors[0].reason)


def test_the_same_row_has_the_same_id_every_time_and_its_copy_another(write_file: WriteFile) -> None:
    path = write_file(lines("email,zip,full_name", "ann@example.com,2115,Ann", "ann@example.com,02115,Ann"))
    mapping = contacts_by("email", "zip", "full_name")
    (first, copy), _ = read_contacts(path, mapping)

    assert ([first, copy], []) == read_contacts(path, mapping)
    assert first.fingerprint == copy.fingerprint
    assert copy.external_id == f"{first.external_id}-2"


def test_an_address_in_one_cell_is_parted_where_it_is_written_as_usual(write_file: WriteFile) -> None:
    rows = (
        "Ann;1 Main St, Albany, NY 12207",
        "Bob;2 Elm Ave, Apt 4, San Jose, CA 95112-0001, USA",
        "Cy;Somewhere near the lake",
    )
    path = write_file(lines("Name;Full Address", *rows), "contacts.csv")
    (ann, bob, cy), rejected = read_contacts(path)

    assert rejected == []
    assert (ann.address_line_1, ann.city, ann.state, ann.zip) == ("1 Main St", "Albany", "NY", "12207")
    assert (bob.address_line_1, bob.address_line_2, bob.city) == ("2 Elm Ave", "Apt 4", "San Jose")
    assert (bob.state, bob.zip) == ("CA", "95112-0001")
    assert (cy.address_line_1, cy.city) == ("Somewhere near the lake", None)
    assert [str(remark.reason) for remark in cy.remarks] == [
        "It isn’t in the form “street, city, ST 12345”, so it’s kept on one line."
    ]


def test_parts_of_an_address_that_have_columns_count_more_than_the_whole(write_file: WriteFile) -> None:
    path = write_file(lines("Name;Full Address;City", "Ann;1 Main St, Albany, NY 12207;Troy"), "contacts.csv")

    (ann,), _rejected = read_contacts(path)
    assert (ann.city, ann.state) == ("Troy", "NY")
