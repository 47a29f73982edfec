"""Detection of secret form fields by name, for code that does not know the class of a form."""

import re

_SECRET = re.compile(r"password|secret|token|(^|_)key($|_)|^(again|current|code)$")


def is_secret(field_name: str) -> bool:
    """Return whether a field with this name holds a secret, which must not be stored anywhere."""
    return _SECRET.search(field_name) is not None
