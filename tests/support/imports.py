"""Counter of the names that a feature imports from the app.

Usage: `python -m tests.support.imports work/leads --modules views,queries,filters`. It counts the imports of `app` in
the feature's modules, or only in those that `--modules` names. A name is either added to a module by `from app… import
name`, or a whole imported module. A name that two modules import counts once, and so does the module that it comes
from. Imports of the feature's own modules count too, since a reader must read them as well. `--list` prints the names,
and `--root` selects another checkout.
"""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

ROOT = Path(__file__).parents[2]


def imports_of(source: str) -> Iterator[tuple[str, str]]:
    """Yield the module and name of each import from the app in a module's source.

    For an import of a whole module, the name is empty.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "app":
            yield from ((node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names if alias.name.split(".")[0] == "app")


def read_feature(feature: str, modules: Iterable[str] = (), root: Path = ROOT) -> set[tuple[str, str]]:
    """Return the imports of a feature's `modules`, or of all modules in its folder below `app`."""
    folder = root / "app" / feature
    paths = [folder / f"{name}.py" for name in modules] or sorted(folder.rglob("*.py"))
    return {found for path in paths for found in imports_of(path.read_text())}


@click.command(help=__doc__)
@click.argument("feature")
@click.option("--modules", default="")
@click.option("--root", type=click.Path(path_type=Path), default=ROOT)
@click.option("--list", "is_listed", is_flag=True)
def main(feature: str, modules: str, root: Path, *, is_listed: bool) -> None:
    """Print the number of imported names and of the modules that they come from."""
    found = read_feature(feature, filter(None, modules.split(",")), root)
    if is_listed:
        click.echo("\n".join(f"{module} {name}" for module, name in sorted(found)))
    click.echo(f"{len(found)} names of {len({module for module, _name in found})} modules")


if __name__ == "__main__":
    main()
