# ruff: noqa: RUF001 - letters of three alphabets
"""Generated customers with names in three alphabets, and searches for them as people type them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from uuid import UUID

from psycopg import Connection

from app.db.ids import uuid7

SEED = 14
CONTACTS = 1_200


def _in(text: str) -> list[str]:
    return text.split()


_ENGLISH_FIRST = _in("""
    James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph
    Jessica Thomas Sarah Charles Karen Denise Harold Ruth Luis Carmen José Zoë Chloë Renée André
""")
_ENGLISH_LAST = _in("""
    Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson
    Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis
    Robinson Walker Young Allen King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera
    Campbell Mitchell Carter Roberts Gomez Phillips Evans Turner Diaz Parker Cruz Edwards Collins Reyes Stewart
    Morris Morales Murphy Cook Rogers Gutierrez Ortiz Morgan Cooper Peterson Bailey Reed Kelly Howard Ramos Kim
    Cox Ward Richardson Watson Brooks Chavez Wood Bennett Gray Mendoza Ruiz Hughes Price Alvarez Castillo
    Sanders Patel Myers Long Ross Foster Jimenez Aguilar Delgado O'Brien O'Connor Fitzgerald McDonald Vásquez
    Núñez Müller Schwartz Kowalski Abernathy Blankenship Castellanos Dombrowski Eisenhower Fairweather Goldstein
    Hollingsworth Ivanhoe Jablonski Kaczmarek Livingstone Montgomery Nakamura
""")
#: Latin and Cyrillic spelling.
_OTHER_FIRST = (
    ("Aziz", "Азиз"), ("Dilshod", "Дилшод"), ("Gulnora", "Гулнора"), ("Jasur", "Жасур"), ("Malika", "Малика"),
    ("Oybek", "Ойбек"), ("Shahlo", "Шаҳло"), ("Baxtiyor", "Бахтиёр"), ("Anna", "Анна"), ("Sergey", "Сергей"),
    ("Yulia", "Юлия"), ("Olga", "Ольга"), ("Mikhail", "Михаил"), ("Gʻayrat", "Ғайрат"), ("Oʻtkir", "Ўткир"),
)  # fmt: skip
_OTHER_LAST = (
    ("Karimov", "Каримов"), ("Yuldashev", "Юлдашев"), ("Khasanov", "Хасанов"), ("Abdullayev", "Абдуллаев"),
    ("Rakhimov", "Рахимов"), ("Ergashev", "Эргашев"), ("Saidov", "Саидов"), ("Tursunov", "Турсунов"),
    ("Mirzayev", "Мирзаев"), ("Oʻrinov", "Ўринов"), ("Gʻaniyev", "Ғаниев"), ("Ismoilov", "Исмоилов"),
    ("Qodirov", "Қодиров"), ("Xoliqov", "Холиқов"), ("Joʻrayev", "Жўраев"), ("Shodmonov", "Шодмонов"),
    ("Chernov", "Чернов"), ("Zhukov", "Жуков"), ("Ivanov", "Иванов"), ("Petrova", "Петрова"), ("Sokolov", "Соколов"),
    ("Smirnov", "Смирнов"), ("Kuznetsov", "Кузнецов"), ("Popova", "Попова"), ("Volkov", "Волков"),
    ("Fyodorov", "Фёдоров"), ("Tsoy", "Цой"), ("Yakovlev", "Яковлев"), ("Alekseyev", "Алексеев"), ("Shchukin", "Щукин"),
)  # fmt: skip
_TRADES = ("Plumbing", "Heating", "Roofing", "Bakery", "Dental", "Motors", "Landscaping", "Electric", "Realty", "Books")


@dataclass(frozen=True)
class Person:
    """A stored contact; `other` is a Russian or Uzbek name in the alphabet in which it is not stored."""

    id: UUID
    first: str
    last: str
    phone: str
    company: str
    other: tuple[str, str] | None = None

    @property
    def email(self) -> str:
        """Generated email address, which doesn't contain the name."""
        return f"{self.id.hex[-6:]}.{self.phone[-4:]}@mail.example"


@dataclass(frozen=True)
class Search:
    """Typed search text, the ID of the person that it should find, and the way it was typed."""

    typed: str
    wanted: UUID
    way: str


def people(random: Random) -> list[Person]:
    """Generate people; a quarter of them have Russian or Uzbek names, in Latin or Cyrillic letters.

    Of the English surnames, some are common and others are rare.
    """
    found = []
    for number in range(CONTACTS):
        phone = f"+1{random.randint(201, 989)}{random.randint(200, 999)}{number:04d}"
        company = f"{random.choice(_ENGLISH_LAST)} {random.choice(_TRADES)}" if number % 4 == 0 else ""
        if number % 4 == 1:
            given, surname = random.choice(_OTHER_FIRST), random.choice(_OTHER_LAST)
            here = random.randint(0, 1)
            other = given[1 - here], surname[1 - here]
            found.append(Person(uuid7(), given[here], surname[here], phone, company, other))
        else:
            last = _ENGLISH_LAST[int(random.random() ** 2 * len(_ENGLISH_LAST))]
            found.append(Person(uuid7(), random.choice(_ENGLISH_FIRST), last, phone, company))
    return found


def put_into(connection: Connection, organization_id: UUID, found: list[Person]) -> None:
    """Insert all of the people with two statements, with triggers disabled."""
    connection.execute("SET LOCAL session_replication_role = replica")
    connection.execute(
        "INSERT INTO contact_cards (organization_id, id, first_name, last_name, company_name, email, primary_phone)"
        " SELECT %s, * FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])",
        [
            organization_id,
            [one.id for one in found],
            [one.first for one in found],
            [one.last for one in found],
            [one.company for one in found],
            [one.email for one in found],
            [one.phone for one in found],
        ],
    )
    connection.execute(
        "INSERT INTO contact_phones (organization_id, id, contact_card_id, phone)"
        " SELECT organization_id, gen_random_uuid(), id, primary_phone FROM contact_cards WHERE organization_id = %s",
        [organization_id],
    )


def searches(random: Random, found: list[Person], most: int) -> list[Search]:
    """Generate `most` searches, divided equally among the ways of typing.

    A surname that more than five people have is always typed together with the first name.
    """
    ways = [way for _name, way in sorted(_ways(random, found).items())]
    asked: list[Search] = []
    while len(asked) < most:
        asked.extend(next(way) for way in ways)
    return asked[:most]


def _ways(random: Random, found: list[Person]) -> dict[str, Iterator[Search]]:
    bearers: dict[str, int] = {}
    for one in found:
        bearers[one.last] = bearers.get(one.last, 0) + 1
    full = [(one.first, one.last) for one in found]
    latin = [one for one in found if one.other is None]
    alone = [one for one in latin if full.count((one.first, one.last)) == 1]
    others = [one for one in found if one.other and full.count((one.first, one.last)) == 1]
    rare = [one for one in latin if bearers[one.last] <= 5]
    firms = [one for one in found if one.company and [two.company for two in found].count(one.company) == 1]
    misspelt = [one for one in alone if len(one.last) > 4 and one.last.isalpha()]

    def of(some: list[Person], way: str, typed: Callable[[Person], str]) -> Iterator[Search]:
        while True:
            one = random.choice(some)
            yield Search(typed(one), one.id, way)

    return {
        "surname": of(rare, "surname", lambda one: one.last),
        "whole name": of(alone, "whole name", lambda one: f"{one.first} {one.last}".lower()),
        "surname first": of(alone, "surname first", lambda one: f"{one.last} {one.first[:4]}"),
        "last digits": of(found, "last digits", lambda one: one.phone[-4:]),
        "half a number": of(found, "half a number", lambda one: f"{one.phone[5:8]}-{one.phone[8:]}"),
        "whole number": of(found, "whole number", lambda one: f"({one.phone[2:5]}) {one.phone[5:8]} {one.phone[8:]}"),
        "company": of(firms, "company", lambda one: one.company),
        "company, begun": of(firms, "company, begun", lambda one: " ".join(w[:6] for w in one.company.split())),
        "a letter wrong": of(misspelt, "a letter wrong", lambda one: f"{one.first} {_wrong(random, one.last)}"),
        "a letter missing": of(misspelt, "a letter missing", lambda one: f"{one.first} {_missing(random, one.last)}"),
        "a letter too many": of(misspelt, "a letter too many", lambda one: f"{one.first} {_twice(random, one.last)}"),
        "letters swapped": of(misspelt, "letters swapped", lambda one: f"{_swapped(random, one.last)} {one.first}"),
        "other alphabet": of(others, "other alphabet", lambda one: " ".join(one.other or ())),
        "other alphabet, begun": of(
            others, "other alphabet, begun", lambda one: f"{_other(one)[1]} {_other(one)[0][:4]}"
        ),
        "without signs": of(others, "without signs", lambda one: f"{one.first} {one.last}".replace("ʻ", "'").lower()),
    }


def _other(one: Person) -> tuple[str, str]:
    assert one.other is not None
    return one.other


def _wrong(random: Random, word: str) -> str:
    place = random.randrange(1, len(word))
    return word[:place] + random.choice("aeiourstn".replace(word[place], "")) + word[place + 1 :]


def _missing(random: Random, word: str) -> str:
    place = random.randrange(1, len(word))
    return word[:place] + word[place + 1 :]


def _twice(random: Random, word: str) -> str:
    place = random.randrange(1, len(word))
    return word[:place] + random.choice("aeioukmp") + word[place:]


def _swapped(random: Random, word: str) -> str:
    place = random.randrange(1, len(word) - 1)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
