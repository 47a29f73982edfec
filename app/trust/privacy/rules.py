"""What holds for erasing a person, whatever the database says."""

from app.trust.privacy.mention_service import Mentions

#: The two exports, by the names that stored ones have.
PERSON_FILE, ORGANIZATION_FILE = "person", "organization"
#: What is typed to confirm; the page shows it, in every language the same.
CONFIRMATION = "ERASE"


def is_confirmed(typed: str) -> bool:
    """Whether the word was typed; its case does not matter."""
    return typed.strip().upper() == CONFIRMATION


def names_the_person(reason: str, mentions: Mentions, first_and_last: tuple[str | None, str | None]) -> bool:
    """Whether a reason would keep what is to be erased: the reason stays, and so may not say who it was."""
    words = {word.strip(".,;:!?()\"'").lower() for word in reason.split()}
    parts = {name.lower() for name in first_and_last if name and len(name) > 1}
    return mentions.are_in(reason) or bool(words & parts)
