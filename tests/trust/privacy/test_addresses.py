"""Street addresses in other texts: they go with the person, unless another contact has them too."""

import pytest
from flask import Flask
from sqlalchemy import Text, column, select, values
from sqlalchemy.dialects.postgresql import JSONB

from app.declarations.personal import KnownAddress
from app.extensions import db
from app.models import ContactCard, Organization
from app.trust.privacy.match_queries import find_matches
from app.trust.privacy.mention_queries import MASK, Mentions, names_the_person
from app.trust.privacy.sealed_text_queries import without_mentions
from tests.support.factories import Factories
from tests.support.work import at_work

HOME = KnownAddress("77 Ptarmigan Crescent", None, "Austin", "TX", "78701")
FLAT = KnownAddress("77 Ptarmigan Crescent", "Apt 4", needs_unit=True)

#: An address, a text, and the text without the address, in which each sign of it is a dot.
MENTIONED = [
    (HOME, "lives at 77 Ptarmigan Crescent", "lives at •"),
    (HOME, "Lives at 77 PTARMIGAN CRES.", "Lives at •."),
    (HOME, "at 77  ptarmigan\nCrescent, Austin, TX 78701-1234 now", "at • now"),
    (HOME, "77 Ptarmigan Crescent Austin, by the lake", "•, by the lake"),
    (HOME, "77 Ptarmigan Crescent 78701", "•"),
    (HOME, "77 Ptarmigan Crescent or so", "• or so"),
    (HOME, "Two homes:\n77 Ptarmigan Cresc", "Two homes:\n•"),
    (HOME, "q=77+Ptarmigan+Crescent&sort=name", "q=•&sort=name"),
    (HOME, "q=at%2077%20Ptarmigan%20Crescent", "q=at%20•"),
    (KnownAddress("77 Ptarmigan Cres"), "77 Ptarmigan Crescent", "•"),
    (KnownAddress("1200 N Main St #4"), "1200 North Main Street, apt. 4", "•"),
    (KnownAddress("1200 N Main St", "Unit 4"), "1200 N. Main St. 4 windows", "•. 4 windows"),
    (KnownAddress("5 Lake Blvd"), "5 lake boulevard; 5 Lake Boul.", "•; •."),
    (KnownAddress("9 Oak Rd"), "9 Oak Road", "•"),
    (KnownAddress("9 Oak Avenue"), "9 Oak Ave, 9 Oak Av", "•, •"),
    (KnownAddress("9 Oak Drive"), "9 oak dr", "•"),
    (KnownAddress("9 Oak Ln"), "9 Oak Lane", "•"),
    (KnownAddress("12A O’Brien St"), "12 a OBrien Street, 12A O'Brien St", "•, •"),
    (KnownAddress("1200 Highway 71"), "1200 Hwy 71", "•"),
    (KnownAddress("100 5th Ave"), "100 5th Avenue", "•"),
    (KnownAddress("77 Ptarmigan Crescent, Apt 4, Austin, TX 78701"), "77 Ptarmigan Cres #4, Austin, TX", "•"),
    (FLAT, "77 Ptarmigan Crescent, apartment 4", "•"),
    (FLAT, "77 Ptarmigan Crescent#4", "•"),
    (KnownAddress("ул. Ленина, д. 5, кв. 12", None, "Ташкент"), "Живёт: улица Ленина, дом 5, Ташкент", "Живёт: •"),
    (KnownAddress("ул. Ленина, 5"), "УЛ.ЛЕНИНА,Д.5", "•"),
    (KnownAddress("улица Ленина 5/2"), "на улице Ленина 5/2.", "на •."),
    (KnownAddress("Navoiy ko'chasi, 12-uy, 4-xonadon"), "Navoiy ko‘chasi 12-uyda", "•"),
    (KnownAddress("Chilonzor 5-mavze, 12-uy"), "Chilonzor, 5-mavze, 12", "•"),
    (KnownAddress("Навоий кўчаси 12"), "q=%D0%9D%D0%B0%D0%B2%D0%BE%D0%B8%D0%B9+%D0%BA%D1%9E%D1%87%D0%B0+12", "q=•"),
]
UNMENTIONED = [
    (HOME, "177 Ptarmigan Crescent"),
    (HOME, "77 Ptarmigan Crescents"),
    (HOME, "77-79 Ptarmigan Crescent"),
    (HOME, "5-77 Ptarmigan Crescent"),
    (HOME, "Ptarmigan Crescent, Austin, TX 78701"),
    (HOME, "77 Ptarmigan"),
    (HOME, "77 Ptarmigan Road"),
    (FLAT, "77 Ptarmigan Crescent"),
    (FLAT, "77 Ptarmigan Crescent, apt 40"),
    (FLAT, "77 Ptarmigan Crescent. 4 windows"),
    (KnownAddress("12 O'Brien St"), "12A O'Brien St"),
    (KnownAddress("ул. Ленина, д. 5"), "ул. Ленина 57, ул. Ленина 5/2, ул. Ленина, 5-2"),
    (KnownAddress("Chilonzor 5-mavze, 12-uy"), "Chilonzor 5-mavze"),
]
#: No address identifies a house, so none is in any text.
NO_HOUSE = [
    "",
    "Main Street",
    "Apt 4",
    "12",
    "5 St",
    "N 12",
    "#4",
    "???",
    "(((",
    "\\",
    "x" * 200,
    "1 " * 100,
    "ул. Ленина",
]


def masked(text: str, expected: str) -> str:
    """Return `expected` with as many dots for each mention as `text` has signs there."""
    *starts, end = expected.split(MASK)
    at = 0
    for start, following in zip(starts, [*starts[1:], end], strict=True):
        at += len(start)
        length = (text.index(following, at) if following else len(text)) - at
        text, at = text[:at] + MASK * length + text[at + length :], at + length
    return text


class TestPatterns:
    """Addresses with their spellings, without a database."""

    @pytest.mark.parametrize(("address", "text", "expected"), MENTIONED)
    def test_an_address_is_masked(self, address: KnownAddress, text: str, expected: str) -> None:
        assert Mentions(addresses=(address,)).take_out(text) == masked(text, expected)

    @pytest.mark.parametrize(("address", "text"), UNMENTIONED)
    def test_another_address_stays(self, address: KnownAddress, text: str) -> None:
        assert Mentions(addresses=(address,)).take_out(text) == text

    @pytest.mark.parametrize("line", NO_HOUSE)
    def test_without_a_house_and_a_street_nothing_is_an_address(self, line: str) -> None:
        mentions = Mentions(addresses=(KnownAddress(line, line, line, line, line),))

        assert not mentions.are_in(f"{line} 12 Main Street {line}")
        assert not mentions.are_in_bytes(line.encode())

    @pytest.mark.parametrize(
        ("address", "data"),
        [
            (HOME, b'{"at": "Home:\\n77 Ptarmigan Cres"}'),
            (HOME, "Дом:77 Ptarmigan Crescent".encode()),
            (HOME, b"a=1&street=77+Ptarmigan+Crescent%2C+Austin"),
            (HOME, "77 Ptarmigan Crescent".encode("utf-16")),
            (KnownAddress("ул. Ленина, д. 5"), "ул. Ленина 5".encode()),
        ],
    )
    def test_files_are_read(self, address: KnownAddress, data: bytes) -> None:
        assert Mentions(addresses=(address,)).are_in_bytes(data)
        assert not Mentions(addresses=(KnownAddress("7 Ptarmigan Crescent"),)).are_in_bytes(data)

    def test_a_reason_with_the_address_names_the_person(self) -> None:
        assert names_the_person("Moved out of 77 ptarmigan cres", Mentions(addresses=(HOME,)), (None, None))


def test_the_database_finds_the_same_texts(app: Flask, organization: Organization) -> None:
    cases = [(Mentions(addresses=(address,)), text, True) for address, text, _expected in MENTIONED]
    cases += [(Mentions(addresses=(address,)), text, False) for address, text in UNMENTIONED]
    # In JSON, a line break is a backslash and a letter.
    cases += [(Mentions(names=("Dana Lee",)), "Yours,\nDana Lee", True)]
    cases += [(Mentions(emails=("dana@private.example",)), "Write to:\ndana@private.example", True)]
    wrong = []
    with at_work(app, organization.id):
        for mentions, text, is_mentioned in cases:
            row = values(column("said", Text), column("json", JSONB), name="texts").data([(text, {"said": text})])
            condition = select(mentions.in_text(row.c.said), mentions.in_text(row.c.json))
            wrong += [
                (text, *result) for result in db.session.execute(condition) if tuple(result) != (is_mentioned,) * 2
            ]

    assert wrong == []


@pytest.fixture
def card(make: Factories, organization: Organization) -> ContactCard:
    """A contact who lives in apartment 4."""
    return make.contact(organization, address_line_1="77 Ptarmigan Crescent", address_line_2="Apt 4")


def addresses_of(app: Flask, card: ContactCard) -> list[KnownAddress]:
    with at_work(app, card.organization_id):
        return list(find_matches(db.session, card.organization_id, card.id).addresses)


class TestShared:
    """Addresses that another contact has too stay in other texts."""

    @pytest.mark.parametrize(
        ("line_1", "line_2", "needs_unit"),
        [
            ("77 ptarmigan cres.", None, [True]),
            ("77 Ptarmigan Crescent", "Unit 5", [True]),
            ("77 Ptarmigan Crescent, Unit 4", None, []),
            ("77 Ptarmigan Cres", "#4", []),
            ("177 Ptarmigan Crescent", "Apt 4", [False]),
            ("Ptarmigan Crescent", None, [False]),
        ],
    )
    @pytest.mark.parametrize("is_visit", [False, True], ids=["contact", "appointment"])
    def test_others_at_the_address(
        self,
        app: Flask,
        make: Factories,
        organization: Organization,
        card: ContactCard,
        line_1: str,
        line_2: str | None,
        needs_unit: list[bool],
        is_visit: bool,
    ) -> None:
        place = {"address_line_1": line_1, "address_line_2": line_2}
        other = make.contact(organization, **({} if is_visit else place))
        if is_visit:
            make.appointment(organization, contact=other, **place)

        assert [address.needs_unit for address in addresses_of(app, card)] == needs_unit

    def test_what_is_the_persons_own_is_not_shared(
        self, app: Flask, make: Factories, organization: Organization, card: ContactCard
    ) -> None:
        for line in ("77 Ptarmigan Crescent", "5 Lake Blvd", "somewhere"):
            make.appointment(organization, contact=card, address_line_1=line)
        make.contact(make.organization(), address_line_1="5 Lake Blvd")

        lines = [address.line_1 for address in addresses_of(app, card)]
        assert sorted(filter(None, lines)) == ["5 Lake Blvd", "77 Ptarmigan Crescent", "77 Ptarmigan Crescent"]

    def test_a_text_for_the_sealed_trail_has_no_address(self, app: Flask, card: ContactCard) -> None:
        with at_work(app, card.organization_id):
            sealed = without_mentions(card.organization_id, card.id, "Booked at 77 ptarmigan cres by phone")

        assert sealed == f"Booked at {MASK * 17} by phone"
