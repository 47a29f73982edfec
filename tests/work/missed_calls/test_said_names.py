"""Names in what callers say, and much that sounds like a name and isn't one."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.work.missed_calls.said_name_rules import find_name, split_name

NAMES = [
    ("This is Brandon Warner at 333 Limestone Ct. There’s water coming through the ceiling.", "Brandon Warner"),
    ("Hi, this is Maria de la Cruz.", "Maria de la Cruz"),
    ("Hello this is Jean-Luc O’Brien again, call me back", "Jean-Luc O’Brien"),
    ("this is, uh, Sarah Call me back", "Sarah"),
    ("This is May Chen, my furnace is out", "May Chen"),
    ("Hey, it’s about the AC. This is Will.", "Will"),
    ("This is Dr. Lee, please call", "Lee"),
    ("This is Mrs. Anna Smith", "Anna Smith"),
    ("This is urgent! This is Tom Okafor.", "Tom Okafor"),
    ("This is my second call. My name is Grace Monroe.", "Grace Monroe"),
    ("My name’s John F. Kennedy, call me", "John F. Kennedy"),
    ("my name is brandon warner and my furnace is out", "Brandon Warner"),
    ("hi my name is joe", "Joe"),
    ("Hi, my name is Diane Lane, I called yesterday", "Diane Lane"),
    ("My full name is José Nuñez.", "José Nuñez"),
    ("My name is Robert Warner Jr. and we have no heat", "Robert Warner Jr"),
    ("Здравствуйте, это Анна. Перезвоните, пожалуйста", "Анна"),
    ("Меня зовут Иван Петрович Сидоров, у нас течёт кран", "Иван Петрович Сидоров"),
    ("Добрый день! Моё имя Ольга Ким", "Ольга Ким"),
    ("меня зовут анна и у нас нет отопления", "Анна"),
    ("Assalomu alaykum, mening ismim Aziz Karimov, uyda suv oqyapti", "Aziz Karimov"),
    ("Ismim Oʻtkir Gʻaniyev boʻladi", "Oʻtkir Gʻaniyev"),
    ("Salom, bu Dilnoza. Menga qoʻngʻiroq qiling", "Dilnoza"),
    ("Менинг исмим Азиз, сув оқяпти", "Азиз"),
    ("Hello, it’s Diego Bowen. The air conditioner’s running, but the house gets warmer.", "Diego Bowen"),
    ("Yeah, it’s Olga. Call me back, please.", "Olga"),
    ("Um, hi, it's Diego Bowen. It's about the AC.", "Diego Bowen"),
    ("Hi Maya, it’s Tom, call me", "Tom"),
    ("It is Diego Bowen at 12 Elm St", "Diego Bowen"),
    ("It’s Diego Bowen calling about the furnace", "Diego Bowen"),
    ("It’s Mrs. Lee.", "Lee"),
    ("It’s Diego. It’s urgent!", "Diego"),
    ("Yeah, hi, um, Leonard Wagner. The heat isn’t working.", "Leonard Wagner"),
    ("Um, Leonard Wagner", "Leonard Wagner"),
    ("Leonard Wagner. The heat isn’t working.", "Leonard Wagner"),
    ("Good morning. Leonard Wagner, 333 Limestone Ct.", "Leonard Wagner"),
    ("Uh, Ruth York, my furnace is out", "Ruth York"),
    ("Hi, Diego here, the AC is out", "Diego"),
    ("Um, Leonard.", "Leonard"),
    ("Yeah, um, Diego. Call me back", "Diego"),
    ("it’s diego", "Diego"),
    ("um, it’s diego bowen. the ac is out", "Diego Bowen"),
    ("yeah, it’s diego, call me back", "Diego"),
    ("It’s Fred. Call me back", "Fred"),
    ("It’s Jared", "Jared"),
    ("It’s Ahmed, the sink leaks", "Ahmed"),
    ("Ida Wells, we need a plumber", "Ida Wells"),
    ("Martin King. The boiler is out", "Martin King"),
    ("Buenos días, Diego Ramos. Call me back", "Diego Ramos"),
    ("Hola, it’s Diego Ramos", "Diego Ramos"),
]

NO_NAMES = [
    "This is urgent",
    "this is urgent, call me",
    "This is URGENT",
    "This is my second call",
    "this is my second call about the leak",
    "This is the third time I call",
    "This is an emergency",
    "This is Monday, and you said Friday",
    "This is May 5th",
    "This is regarding the invoice",
    "This is Tom’s phone",
    "This is Dr. Lee’s office",
    "This is Comfort Heating calling",
    "This is Parkside Apartments",
    "This is Bluebonnet Way",
    "This is Apartment 5",
    "This is not Brandon",
    "I hope this is Brandon",
    "Is this Brandon?",
    "My name is on the account",
    "my name is on the account",
    "my name is spelled wrong",
    "My name is already in your system",
    "his name is Brandon",
    "My furnace is out. Please call me at 5 o’clock.",
    "Это срочно!",
    "Это уже второй звонок",
    "Это Samsung, не работает",
    "Надеюсь, это не Иван",
    "Вы знаете, как меня зовут. Перезвоните",
    "Bu juda shoshilinch",
    "Bu mening ikkinchi qoʻngʻirogʻim",
    "Mening ismim sizda bor",
    "It’s leaking",
    "It’s leaking. Diego knows where.",
    "It’s Monday",
    "It’s about the AC",
    "It’s Comfort Heating. Call us",
    "It’s Diego’s phone",
    "It’s Carrier, twelve years old",
    "It’s Trane. The compressor is loud.",
    "It’s Austin, Texas",
    "It’s San Marcos.",
    "It’s April 5th",
    "It’s Christmas, and we have no heat",
    "It’s Dad. Call me",
    "It’s HVAC",
    "We have a Rheem. It’s Diego Bowen’s house.",
    "The heater? It’s Goodman.",
    "Um, hello",
    "Um, hi. Hello?",
    "Hello? Hello?",
    "Yeah, hi, um, the heat isn’t working.",
    "Yeah, Tuesday. At five.",
    "Um, heat. It’s out",
    "Um, Plumber.",
    "Um, Diego?",
    "Hi, Diego. Call me back",
    "um, diego.",
    "it’s stuck",
    "it’s leaking water",
    "it’s diego’s house",
    "it’s diego who called",
    "It’s Stuck.",
    "It’s Overflowing.",
    "It’s Clogged, call me",
    "It’s Dripping Down. Please Send Someone Out",
    "It’s Awful. Please Send Someone Out",
    "Happy Birthday.",
    "Never Mind, we fixed it",
    "Property Manager, our boiler is out",
    "Burger King, we need a plumber",
    "Wells Fargo, we are calling about your account",
    "Social Security, we need to talk",
    "Final Notice, the warranty ends",
    "Press One.",
    "Rhode Island.",
    "Walgreens here",
    "Wendy’s here",
    "Buenos Dias.",
    "Buenas Tardes. Call me",
    "Llamo Diego Ramos.",
    "Hola Diego Ramos. Call me",
    "Hi Maya Torres. Call me back",
    "Hello, Blue Ridge. My furnace is out",
    "Hi, Comfort Heating here",
    "Water Heater. It’s out",
    "No Heat. Please call",
    "Good Morning. My furnace is out",
    "Thank You. Bye",
    "Main Street. Number five",
    "San Antonio. We need a quote",
    "Parkview Inn. Room five has no heat",
    "Unfortunately Dr. Alexis can’t come",
    "Air Conditioner, 333 Limestone Ct.",
    "Call Me Back. At Five Please Now Or Later",
    "Leonard Wagner isn’t here",
    "Leonard Wagner told me to call",
    "Leonard Wagner, Maya Torres and I are waiting",
    "Nobody here",
    "",
]


@pytest.mark.parametrize(("said", "name"), NAMES)
def test_a_name_is_found(said: str, name: str) -> None:
    found = find_name(said)

    assert found is not None
    assert found.value == name


@pytest.mark.parametrize("said", NO_NAMES)
def test_what_only_sounds_like_a_name_is_none(said: str) -> None:
    assert find_name(said) is None


def test_a_name_comes_with_the_sentence_it_was_said_in() -> None:
    found = find_name("We have a leak. Hi, this is Brandon Warner\nat 333 Limestone Ct! Call me.")

    assert found is not None
    assert found.words == "Hi, this is Brandon Warner"


def test_a_long_sentence_is_cut_and_begins_with_the_name() -> None:
    found = find_name("and " * 60 + "this is Ruth Delgado " + "and " * 60)

    assert found is not None
    assert found.words.startswith("this is Ruth Delgado and")
    assert found.words.endswith("and…")
    assert len(found.words) <= 160


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Ruth", "Ruth", ""),
        ("Ruth Delgado", "Ruth", "Delgado"),
        ("Maria de la Cruz", "Maria", "de la Cruz"),
        ("Mary Jane Watson", "Mary Jane", "Watson"),
        ("Robert Warner Jr", "Robert", "Warner Jr"),
        ("Иван Петрович", "Иван Петрович", ""),
        ("Иван Петрович Сидоров", "Иван Петрович", "Сидоров"),
    ],
)
def test_a_name_is_split(name: str, first: str, last: str) -> None:
    assert split_name(name) == (first, last)


def test_the_word_after_a_title_is_the_last_name() -> None:
    found = find_name("This is Mrs. Delgado")

    assert found is not None
    assert (found.first, found.last) == ("", "Delgado")


@given(some.text(max_size=200))
def test_no_text_is_too_odd(said: str) -> None:
    found = find_name(f"this is {said}")

    assert found is None or found.value
