"""Rules of service types, and so of what a visit is booked for: how long its name may be and how many minutes it may
last, and how many are offered."""

MIN_SERVICE_CHARACTERS, MAX_SERVICE_CHARACTERS = 2, 80
#: What an appointment may last, in minutes.
MIN_MINUTES, MAX_MINUTES = 15, 480

#: So many are offered to whoever books.
MAX_OFFERED = 50
