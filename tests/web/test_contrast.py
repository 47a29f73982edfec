"""Contrast of text in both themes, computed from the style sheets for every color and background that they set.

It covers all states, such as `:hover` and `[aria-current]`, all screen widths, both ways to select a theme, and the
preference for more contrast. Any text can be on any surface, so the templates don't matter.

Only axe, in a browser, sees text on a background that isn't meant for it, such as `.muted` in a primary button, classes
of two components on the same element, and elements that scripts style. Icons, borders, focus outlines, text that is
dimmed while something loads, forced colors and paper aren't checked here.
"""

import re

import pytest

from app.config import PROJECT_ROOT
from app.web.bundles import BUNDLES
from tests.support.contrast.low_contrast import LowContrast, low_contrast_pairs
from tests.support.contrast.pairs import pairs_of, styles_of
from tests.support.planted.catalog import FAULTS
from tests.support.planted.fault import Fault, Kind

#: In the order of the cascade.
SHEETS = tuple(
    PROJECT_ROOT / "static" / "css" / f"{name}.css"
    for bundle in BUNDLES.values()
    if bundle.kind.ending == "css"
    for name in bundle.names
)
PLANTED = [fault for fault in FAULTS if fault.kind in (Kind.CONTRAST, Kind.RAW_COLOR) and fault.path.endswith(".css")]

#: The ends of selectors of icons, and of disabled controls, which WCAG exempts.
NOT_CHECKED = re.compile(r"(?: svg|\.icon|\[aria-disabled=\"true\"\]\))$")


def low_contrast(fault: Fault | None = None) -> list[LowContrast]:
    """List the pairs with too little contrast, with a fault planted in the style sheets."""
    sheets = {path.relative_to(PROJECT_ROOT).as_posix(): path.read_text() for path in SHEETS}
    if fault:
        sheets[fault.path] = sheets[fault.path].replace(fault.old, fault.new)
    return low_contrast_pairs(styles_of(sheets.values()))


def test_all_text_has_enough_contrast() -> None:
    assert [str(pair) for pair in low_contrast()] == []


def test_every_rule_with_a_text_color_is_checked() -> None:
    styles = styles_of(path.read_text() for path in SHEETS)

    colored = {rule.selector for rule in styles.rules if rule.declarations.get("color", "inherit") != "inherit"}
    checked = {source.selector for sources in pairs_of(styles).values() for source in sources}
    assert [selector for selector in sorted(colored - checked) if not NOT_CHECKED.search(selector)] == []


@pytest.mark.parametrize("fault", PLANTED, ids=lambda fault: fault.name)
def test_a_planted_fault_is_reported_in_its_theme(fault: Fault) -> None:
    themes = {pair.theme.split()[0] for pair in low_contrast(fault)}

    assert themes in ({"light"}, {"dark"})
