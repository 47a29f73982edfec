// Keyboard shortcuts. Every one has a visible control; single keys are off inside fields and where the person turned
// them off (WCAG 2.1.4).

const GO_MS = 1500;
const FIELDS = "input:not([type=checkbox], [type=radio], [type=range], [type=file]), select, textarea, [contenteditable]";
let goUntil = 0;

document.addEventListener("keydown", (event) => {
  if (document.documentElement.dataset.shortcuts === "off") return;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches(FIELDS) || document.querySelector("dialog[open]")) return;
  const key = event.key.toLowerCase();
  if (performance.now() < goUntil) {
    goUntil = 0;
    const place = [...document.querySelectorAll("[data-go]")].find((link) => link.dataset.go === key);
    if (place) {
      event.preventDefault();
      place.click();
    }
    return;
  }
  const action = ACTIONS[event.key] ?? (() => press(event.key));
  if (action() === true) event.preventDefault();
});

const ACTIONS = {
  g: () => {
    goUntil = performance.now() + GO_MS;
    return true;
  },
  "/": focusSearch,
  j: () => moveRow(1) || moveOn("after"),
  k: () => moveRow(-1) || moveOn("before"),
  "?": () => {
    document.getElementById("shortcuts")?.togglePopover();
    return true;
  },
};

/* What a feature declares for this key, where the page carries it: of the row that has the focus, else of what is open,
   else of the page. A button or link is pressed, anything else gets the focus. */
function press(key) {
  const selector = `[data-key="${CSS.escape(key)}"]`;
  const near = document.activeElement.closest("[data-entry]") ?? document.querySelector("[data-opened]");
  const place = near?.querySelector(selector) ?? document.querySelector(selector);
  if (!place) return false;
  if (place.matches("a, button, summary")) place.click();
  else place.querySelector("a, button")?.focus();
  return true;
}

function focusSearch() {
  const field = document.querySelector("[data-filter-search]") ?? document.querySelector("[data-find]");
  field?.focus();
  field?.select?.();
  return Boolean(field);
}

/* The focus goes to the link of the row, which Enter opens. */
function moveRow(step) {
  const links = [...document.querySelectorAll("main .tbl tbody th[scope=row] a[href]:first-of-type")];
  if (links.length === 0) return false;
  const row = document.activeElement.closest("tr");
  const now = links.findIndex((link) => link.closest("tr") === row);
  links[now < 0 ? 0 : Math.min(Math.max(now + step, 0), links.length - 1)].focus();
  return true;
}

/* On a record's own page: to its neighbour in the list that one came from. */
function moveOn(way) {
  const link = document.querySelector(`a[data-neighbour="${way}"]`);
  link?.click();
  return Boolean(link);
}
