"""Name and address of a caller in the evidence of an analysis. Pure.

Analyses come from outside. Those that know the name or the address say so in the title of an item, such as "Caller
name", with the value as its detail and the words of the caller as its quote.
"""

import re

from app.work.calls.evidence_rules import items_of, text_of
from app.work.contacts.rules import MAX_ADDRESS_LINE_LENGTH, MAX_NAME_LENGTH
from app.work.missed_calls.said_address_rules import SaidAddress
from app.work.missed_calls.said_name_rules import SaidName, split_name
from app.work.missed_calls.said_word_rules import shortened

_OF_CALLER = r"(?:(?:caller|customer|client|contact|service|street|home)(?:['’]?s)?[\s_-]+)?"
_NAME = re.compile(
    rf"{_OF_CALLER}(?:full[\s_-]+)?name|имя(?:\s+(?:клиента|звонящего))?|(?:mijoz(?:ning)?\s+)?ism(?:i)?", re.IGNORECASE
)
_ADDRESS = re.compile(
    rf"{_OF_CALLER}address|адрес(?:\s+(?:клиента|звонящего))?|(?:mijoz(?:ning)?\s+)?manzil(?:i)?", re.IGNORECASE
)


def name_in(evidence: object) -> SaidName | None:
    """Return the caller's name in the evidence of an analysis, or None."""
    value, words = _item(evidence, _NAME, MAX_NAME_LENGTH)
    return SaidName(*split_name(value), words) if value else None


def address_in(evidence: object) -> SaidAddress | None:
    """Return the caller's address in the evidence of an analysis, or None."""
    value, words = _item(evidence, _ADDRESS, MAX_ADDRESS_LINE_LENGTH)
    return SaidAddress(value, words) if value else None


def _item(evidence: object, titles: re.Pattern[str], longest: int) -> tuple[str, str]:
    """Return value and words of the first item with one of the titles; the value may be the words."""
    for item in items_of(evidence):
        if titles.fullmatch(text_of(item, "title", "claim")):
            words = text_of(item, "quote", "text")
            value = " ".join((text_of(item, "value", "detail", "note") or words).split())
            if value and len(value) <= longest:
                return value, shortened(words or value)
    return "", ""
