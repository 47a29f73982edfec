"""Rules of templates of notes: how long their parts may be, and how many are offered."""

MAX_NAME, MAX_BODY = 60, 5000

#: So many are offered beside a note.
MAX_OFFERED = 50
