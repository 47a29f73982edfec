"""Passwords: how they are hashed, and which are refused.

They are hashed with Argon2id and the minimum parameters that OWASP recommends (19 MiB, two passes, one lane): a guess
costs tens of milliseconds, and eight people who sign in at the same time use 150 MB. A hash with other parameters still
verifies; `needs_rehash` tells when to replace it at the next sign-in.

The app gets the *salt* of a stored hash: the encoded hash as stored, with A in place of the hash itself. Salt and
correct password yield the stored hash again; the database compares the two (`app.security.password_queries`).
"""

import base64
import binascii
import re
import unicodedata
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError
from argon2.low_level import hash_secret
from flask_babel import lazy_gettext as _l

from app.errors import FieldError, LazyText, ValidationFailed
from app.security.attempts import note_attempt

MIN_LENGTH, MAX_LENGTH = 12, 128

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

_COMMON = Path(__file__).parent / "data" / "common_passwords.txt"
#: A common word remains easy to guess with up to this many digits or signs around it: years, dates, "!!!".
_DECORATION = 8
_KEYBOARD_ROWS = "qwertyuiopasdfghjklzxcvbnm"
_KEYBOARD_COLUMNS = "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p"
_SEQUENCES = ("abcdefghijklmnopqrstuvwxyz" * 2, "0123456789" * 13, _KEYBOARD_ROWS * 2, _KEYBOARD_COLUMNS * 2)


def hash_password(password: str) -> str:
    """Return the encoded hash to store, with its salt and parameters."""
    return _hasher.hash(_normalised(password))


def hash_again(salt: str | None, password: str) -> str:
    """Return the encoded hash of `password` with this salt; '' if the salt is malformed.

    With None, for an account that does not exist or has no password, the call takes as long: the time must not reveal
    which accounts exist.
    """
    note_attempt()
    salt = salt or _decoy_hash()
    try:
        parameters, salt_bytes = extract_parameters(salt), _decoded(salt.split("$")[-2])
    except (InvalidHashError, binascii.Error, IndexError):
        return ""
    made = hash_secret(
        _normalised(password).encode(),
        salt_bytes,
        time_cost=parameters.time_cost,
        memory_cost=parameters.memory_cost,
        parallelism=parameters.parallelism,
        hash_len=parameters.hash_len,
        type=parameters.type,
        version=parameters.version,
    )
    return made.decode("ascii")


def needs_rehash(salt: str) -> bool:
    """Return whether the hash has parameters other than the current ones."""
    return _hasher.check_needs_rehash(salt)


def _decoded(unpadded: str) -> bytes:
    return base64.b64decode(unpadded + "=" * (-len(unpadded) % 4), validate=True)


def check_new_password(password: str, field: str = "password") -> None:
    """Raise ValidationFailed on `field` for a password that is too short, too long or easy to guess."""
    if (weakness := _weakness(_normalised(password))) is not None:
        raise ValidationFailed([FieldError(field, weakness)], weakness)


def _weakness(password: str) -> LazyText | None:
    if len(password) < MIN_LENGTH:
        return _l("Use at least %(least)s characters. Several words in a row are easy to remember.", least=MIN_LENGTH)
    if len(password) > MAX_LENGTH:
        return _l("Use up to %(most)s characters.", most=MAX_LENGTH)
    if _is_common(password.casefold()):
        return _l("This password is too common. Use several unrelated words.")
    return None


def _is_common(password: str) -> bool:
    unit = _repeated_unit(password)
    word = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", unit)
    is_decorated_word = word in _common_passwords() and len(unit) - len(word) <= _DECORATION
    return (
        len(unit) < MIN_LENGTH // 2
        or unit in _common_passwords()
        or is_decorated_word
        or any(unit in sequence or unit[::-1] in sequence for sequence in _SEQUENCES)
    )


def _repeated_unit(text: str) -> str:
    """Return the unit that `text` repeats: "abc" for "abcabcabc", the text itself if there is no repetition."""
    return text[: (text + text).find(text, 1)]


@cache
def _common_passwords() -> frozenset[str]:
    return frozenset(_COMMON.read_text(encoding="ascii").splitlines())


@cache
def _decoy_hash() -> str:
    return _hasher.hash("nobody has this password")


def _normalised(password: str) -> str:
    """Return the password in Unicode form NFC, independent of the keyboard; spaces are part of it."""
    return unicodedata.normalize("NFC", password)
