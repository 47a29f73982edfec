"""Attributes of form fields, written as text at once.

WTForms formats each attribute as Markup, and inspects for each select how its options are rendered: a select with eight
options took seven times as long.
"""

from typing import Any

from markupsafe import Markup, escape

from app.caches import memoize
from app.private_apis import attribute_name, inspect_selects_once, write_attributes_with

#: More than the templates and forms use.
_MAX_NAMES = 1_000


def init_field_markup() -> None:
    """Render the fields of all forms with `attributes`."""
    write_attributes_with(attributes)
    inspect_selects_once()


def attributes(**values: Any) -> Markup:
    """Return the attributes of an element, sorted by name, as WTForms writes them.

    True is written as a name without a value; False is left out.
    """
    written = [_attribute(name, value) for name, value in sorted(values.items()) if value is not False]
    return Markup(" ".join(written))  # noqa: S704 - names and values are escaped


def _attribute(name: str, value: Any) -> str:
    if value is True:
        return _name(name)
    # Quotes in Markup are not escaped yet.
    text = str(escape(value)).replace('"', "&quot;")
    return f'{_name(name)}="{text}"'


@memoize(_MAX_NAMES)
def _name(keyword: str) -> str:
    return str(escape(attribute_name(keyword)))
