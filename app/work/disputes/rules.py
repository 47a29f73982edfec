"""Length limits for texts of a dispute."""

MIN_REASON_CHARACTERS, MAX_REASON_CHARACTERS = 3, 500
