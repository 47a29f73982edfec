"""What holds for erasing a person, whatever the database says."""

#: The two exports, by the names that stored ones have.
PERSON_FILE, ORGANIZATION_FILE = "person", "organization"
#: What is typed to confirm; the page shows it, in every language the same.
CONFIRMATION = "ERASE"


def is_confirmed(typed: str) -> bool:
    """Whether the word was typed; its case does not matter."""
    return typed.strip().upper() == CONFIRMATION
