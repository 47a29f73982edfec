"""Checks of pages on a phone.

Nothing must scroll sideways, hidden columns must appear below the name of their row, and phone numbers must not wrap.
"""

from playwright.sync_api import Page

from tests.support.browser import scrolls_sideways

#: Widths at which columns are hidden: a phone, the narrowest width, and a phone in landscape.
WIDTHS = (390, 320, 600)

#: Hidden cells whose value is missing below the row's name; bars repeat a number, actions are not values, and cells in
#: muted words have none.
_LOST = """() => [...document.querySelectorAll("main .tbl tbody tr")].flatMap(row => {
  const words = element => {
    const copy = element.cloneNode(true);
    copy.querySelectorAll(".av").forEach(avatar => avatar.remove());
    return copy.textContent.replace(/\\s+/g, "");
  };
  const lines = [...row.querySelectorAll(".folds > *")].filter(line => line.checkVisibility()).map(words);
  return [...row.cells]
    .filter(cell => !cell.checkVisibility() && !cell.matches(".act, .bar-cell, :has(> .muted:only-child)"))
    .map(words)
    .filter(value => value && value !== "–" && !lines.some(line => line.endsWith(value)));
})"""
_BROKEN = r"""() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  for (let node; (node = walker.nextNode()); ) {
    for (const match of node.data.matchAll(/\(\d{3}\) \d{3}-\d{4}|\+\d[\d -]{6,}\d/g)) {
      const range = document.createRange();
      range.setStart(node, match.index);
      range.setEnd(node, match.index + match[0].length);
      if (new Set([...range.getClientRects()].map(box => Math.round(box.top))).size > 1) found.push(match[0]);
    }
  }
  return found;
}"""


def faults_when_narrow(tab: Page) -> list[str]:
    """List everything that is lost, wrapped or too wide at each narrow width."""
    found = []
    for width in WIDTHS:
        tab.set_viewport_size({"width": width, "height": 900})
        found += [f"{width} {fault}" for fault in _faults(tab)]
    return found


def _faults(tab: Page) -> list[str]:
    return [
        *(f"lost: {one}" for one in tab.evaluate(_LOST)),
        *(f"broken: {one}" for one in tab.evaluate(_BROKEN)),
        *(["scrolls sideways"] if scrolls_sideways(tab) else []),
    ]
