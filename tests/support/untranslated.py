"""Detection of English text on a translated page.

Text counts as untranslated unless a user entered it, or its words occur in translations of the language.
"""

import re
from collections.abc import Iterable, Iterator, Set
from functools import cache

from babel import Locale
from babel.messages.pofile import read_po
from sqlalchemy import Connection, Engine, text

from app.config import PROJECT_ROOT
from app.models import Language

#: Text that is equal in all languages: addresses, codes, times, anything with digits.
_CODES = re.compile(
    r"\S+@\S+|https?://\S+|(?<!\w)/[\w/.<>{}?=&-]+|\b[0-9a-f]{8,}\S*|\b[a-z_]+[.:_][a-z_.:]+|\b[\w.-]*\d[\w.:-]*"
)
_WORD = re.compile(r"[A-Za-z][A-Za-z'’\N{MODIFIER LETTER TURNED COMMA}-]+")
#: Separators of the parts of a text, and characters around them.
_BETWEEN, _AROUND = " · ", " ,·“”«»„…"
_NAMES = frozenset(
    {
        "Switchboard",
        "PostgreSQL",
        "Python",
        "Twilio",
        "Vapi",
        "CallRail",
        "Shunya",
        "O\N{MODIFIER LETTER TURNED COMMA}zbekcha",
    }
)


def stored_texts(engine: Engine) -> frozenset[str]:
    """Return every text in the database, including each one inside a list or a document."""
    with engine.connect() as connection:
        return frozenset(" ".join(one.split()) for one in _texts(connection) if one)


def untranslated(texts: Iterable[str], language: str, data: Set[str]) -> Iterator[str]:
    """Yield the texts that contain an English word that is neither data nor a word of the language."""
    known = data | _same_in(language)
    for one in texts:
        parts = (part.strip(_AROUND) for part in one.removesuffix("...").split(_BETWEEN) if part not in known)
        if any(_is_english(part, known, is_short=one.endswith(("…", "..."))) for part in parts):
            yield one


def _is_english(part: str, known: Set[str], *, is_short: bool) -> bool:
    if part in known or all(word in known for word in _WORD.findall(_CODES.sub(" ", part))):
        return False
    return not (is_short and any(one.startswith(part) for one in known))


@cache
def _same_in(language: str) -> Set[str]:
    """Return names that are not translated, and all words that occur in translations of the language."""
    path = PROJECT_ROOT / "app" / "translations" / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    forms = [[one.string] if isinstance(one.string, str) else one.string or [] for one in catalogue if one.id]
    own = {word for texts in forms for one in texts for word in (one, *_WORD.findall(one))}
    names = [(Locale(one).get_display_name(one) or "").capitalize() for one in Language]
    return own | _NAMES | set(names) | set(Locale(language).territories.values())


def _texts(connection: Connection) -> Iterator[str]:
    columns = connection.execute(
        text(
            "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
            " AND data_type IN ('text', 'character varying', 'jsonb', 'ARRAY')"
        )
    )
    for table, column, kind in columns.all():
        value = f'"{column}"'
        if kind == "jsonb":
            value = f"""jsonb_path_query({value}, 'strict $.** ? (@.type() == "string")') #>> '{{}}'"""
        elif kind == "ARRAY":
            value = f"unnest({value})::text"
        yield from connection.scalars(text(f'SELECT DISTINCT {value} FROM "{table}"'))
