"""`python -m tests.support.dead_code app demo wsgi.py tests`: print unused code, and fail if there is any.

The tests are read last: code that only tests use is dead, too. Names that templates use count as used. Variables and
attributes are ignored: columns, enum members.
"""

import re
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from vulture.config import make_config
from vulture.core import Vulture

_TESTS, _TEMPLATES = "tests", Path("templates")
_NAME = re.compile(r"[a-z_][a-z0-9_]+")
_IGNORED = frozenset({"variable", "attribute"})


def unused(paths: Sequence[str]) -> list[str]:
    """Return the unused code of the product, then that of the tests, as lines to print."""
    config = make_config([*paths])
    vulture = Vulture(ignore_names=config["ignore_names"], ignore_decorators=config["ignore_decorators"])
    texts = (path.read_text() for path in _TEMPLATES.rglob("*") if path.is_file())
    names = {name for text in texts for name in _NAME.findall(text)}
    vulture.scan("\n".join(f"getattr(_, '{name}')" for name in sorted(names)), filename=_TEMPLATES)
    reports: dict[str, None] = {}
    for scope in ([path for path in paths if path != _TESTS], [path for path in paths if path == _TESTS]):
        vulture.scavenge(scope)
        unused_items = vulture.get_unused_code(min_confidence=config["min_confidence"])
        reports |= {item.get_report(): None for item in unused_items if item.typ not in _IGNORED}
    return list(reports)


if __name__ == "__main__":
    lines = unused(sys.argv[1:])
    click.echo("\n".join(lines), nl=bool(lines))
    sys.exit(bool(lines))
