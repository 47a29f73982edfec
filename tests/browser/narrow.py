"""Checks of pages on a phone.

Nothing must scroll sideways, hidden columns must appear below the name of their row, and phone numbers must not wrap.
"""

from playwright.sync_api import Page

#: Widths at which columns are hidden: a phone, the narrowest width, and a phone in landscape.
WIDTHS = (390, 320, 600)

#: Lost are hidden cells whose value is missing below the row's name; bars repeat a number, actions are not values, and
#: cells in muted words have none. Broken are phone numbers on two lines.
_FAULTS = r"""() => {
  const words = element => {
    const copy = element.cloneNode(true);
    copy.querySelectorAll(".av").forEach(avatar => avatar.remove());
    return copy.textContent.replace(/\s+/g, "");
  };
  const lost = [...document.querySelectorAll("main .tbl tbody tr")].flatMap(row => {
    const hidden = [...row.cells].filter(cell =>
      !cell.checkVisibility() && !cell.matches(".act, .bar-cell, :has(> .muted:only-child)"));
    if (!hidden.length) return [];
    const lines = [...row.querySelectorAll(".folds > *")].filter(line => line.checkVisibility()).map(words);
    return hidden.map(words).filter(value => value && value !== "–" && !lines.some(line => line.endsWith(value)));
  });

  const broken = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode()); ) {
    for (const match of node.data.matchAll(/\(\d{3}\) \d{3}-\d{4}|\+\d[\d -]{6,}\d/g)) {
      const range = document.createRange();
      range.setStart(node, match.index);
      range.setEnd(node, match.index + match[0].length);
      if (new Set([...range.getClientRects()].map(box => Math.round(box.top))).size > 1) broken.push(match[0]);
    }
  }

  const isWide = document.documentElement.scrollWidth > innerWidth;
  return [
    ...lost.map(value => `lost: ${value}`),
    ...broken.map(number => `broken: ${number}`),
    ...(isWide ? ["scrolls sideways"] : []),
  ];
}"""


def faults_when_narrow(tab: Page) -> list[str]:
    """List everything that is lost, wrapped or too wide at each narrow width."""
    found = []
    for width in WIDTHS:
        tab.set_viewport_size({"width": width, "height": 900})
        found += narrow_faults(tab, width)
    return found


def narrow_faults(tab: Page, width: int) -> list[str]:
    """List everything that is lost, wrapped or too wide at the current width."""
    return [f"{width} {fault}" for fault in tab.evaluate(_FAULTS)]
