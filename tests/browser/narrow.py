"""Pages on a phone: nothing scrolls sideways, columns without room stand below the name of their row, and phone numbers
stay in one line."""

from playwright.sync_api import Page

from tests.support.browser import scrolls_sideways

#: Widths at which columns leave: a phone, the narrowest, and a phone on its side.
WIDTHS = (390, 320, 600)

#: Cells that have left without their value in the row's name; a bar repeats a figure, and what one can do is no value.
_LOST = """() => [...document.querySelectorAll("main .tbl tbody tr")].flatMap(row => {
  const words = element => {
    const copy = element.cloneNode(true);
    copy.querySelectorAll(".av").forEach(avatar => avatar.remove());
    return copy.textContent.replace(/\\s+/g, "");
  };
  const lines = [...row.querySelectorAll(".folds > *")].filter(line => line.checkVisibility()).map(words);
  return [...row.cells]
    .filter(cell => !cell.checkVisibility() && !cell.matches(".act, .bar-cell"))
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
    """List what is lost, broken or too wide at each narrow width."""
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
