"""Fields of forms that hold secrets, told by their names: where a form has come too late, its class is not known."""

import re

_SECRET = re.compile(r"password|secret|token|(^|_)key($|_)|^(again|current|code)$")


def is_secret(field_name: str) -> bool:
    """Tell whether a field of this name holds a secret, which is kept nowhere, not for a moment."""
    return _SECRET.search(field_name) is not None
