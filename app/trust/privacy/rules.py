"""Kinds of privacy exports, and the word that confirms the erasure of a person."""

#: Kinds of the two exports, as they are stored with each export.
PERSON_FILE, ORGANIZATION_FILE = "person", "organization"
#: The word to type as confirmation; shown on the page, and the same in every language.
CONFIRMATION = "ERASE"


def is_confirmed(typed: str) -> bool:
    """Return whether `typed` is the confirmation word, ignoring case and spaces around it."""
    return typed.strip().upper() == CONFIRMATION
