"""How long what is said about a dispute may be."""

MIN_REASON_CHARACTERS, MAX_REASON_CHARACTERS = 3, 500
