// Keyboard shortcuts, as the features declare them: `data-key` is on the control that a key presses, and the sheet
// (#shortcuts) specifies the keys that belong to no single control. Single keys are off inside fields, and if the user
// has turned them off (WCAG 2.1.4).

const GO_MS = 1500;
const FIELDS = "input:not([type=checkbox], [type=radio], [type=range], [type=file]), select, textarea, [contenteditable]";
const CONTROLS = "a, button, summary";
const CHOICES = "select, textarea, input:not([type=hidden])";
const page = document.documentElement;
let goUntil = 0;

const DOES = { "next-row": () => moveRow(1), "previous-row": () => moveRow(-1) };

document.addEventListener("keydown", (event) => {
  if (page.dataset.shortcuts === "off" || event.defaultPrevented || event.isComposing) return;
  const key = nameOf(event);
  if (key && isFree(key, event.target) && act(key)) event.preventDefault();
});

document.addEventListener("htmx:after:swap", sayKeys);
sayKeys();

/* A letter of another alphabet counts as the one its key has on a Latin keyboard. */
function nameOf({ key, code, ctrlKey, metaKey, altKey, shiftKey }) {
  if (altKey) return null;
  const letter = key.length === 1 && key > "~" && /^Key[A-Z]$/.test(code) ? code.at(-1) : key;
  const name = letter.length === 1 ? letter.toLowerCase() : letter;
  if (!ctrlKey && !metaKey) return name;
  return shiftKey ? null : `Ctrl+${name}`;
}

/* Return whether the key is free: not typed into a field, and not handled by the control itself. */
function isFree(key, target) {
  if (key.startsWith("Ctrl+")) return true;
  return !target.matches(key.length > 1 ? "input, select, textarea, audio" : FIELDS);
}

function act(key) {
  const top = document.querySelector("dialog[open]");
  if (top) return closes(key, top);
  if (performance.now() < goUntil) return goTo(key);
  if (key === document.querySelector("#shortcuts [data-go-after]")?.dataset.goAfter) return beginGoing();
  const own = document.querySelector(`#shortcuts [data-keys-of~="${CSS.escape(key)}"]`)?.dataset.does;
  return DOES[own]?.() || press(key);
}

/* The key that opened a dialog closes it; no other key works beneath a dialog. */
function closes(key, dialog) {
  if (!document.querySelector(`[data-dialog="${dialog.id}"][data-key~="${CSS.escape(key)}"]`) || key.length === 1) return false;
  dialog.close();
  return true;
}

/* The places show their keys until one is pressed. */
function beginGoing() {
  goUntil = performance.now() + GO_MS;
  page.setAttribute("data-going", "");
  setTimeout(() => page.removeAttribute("data-going"), GO_MS);
  return true;
}

function goTo(key) {
  goUntil = 0;
  page.removeAttribute("data-going");
  const place = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
  place?.click();
  return Boolean(place);
}

/* The control of the focused row, otherwise of the open entry, otherwise of the page: of several, the one that is
   visible at this width. */
function controlOf(key) {
  const name = CSS.escape(key);
  const everywhere = `[data-key~="${name}"]`;
  const near = document.activeElement.closest("[data-keys]");
  return (
    near?.querySelector(`${everywhere}, [data-near-key~="${name}"]`) ??
    document.querySelector(`[data-keys][data-opened] ${everywhere}`) ??
    visible(`main ${everywhere}`) ??
    document.querySelector(everywhere)
  );
}

function visible(selector) {
  const found = [...document.querySelectorAll(selector)];
  return found.find((one) => one.checkVisibility()) ?? found[0];
}

/* A control is pressed, a field takes the focus; in any other element, its first control takes the focus. */
function press(key) {
  const place = controlOf(key);
  if (!place) return false;
  const target = place.matches(`${CONTROLS}, input`) ? place : place.querySelector(`${CONTROLS}, ${CHOICES}`);
  if (target) focusing.on(target);
  if (target !== place) return true;
  if (place.matches(CONTROLS)) place.click();
  else place.select();
  if (place.parentElement.open) place.parentElement.querySelector(`:scope > :not(summary) :is(a, button, ${CHOICES})`)?.focus();
  return true;
}

/* Move the focus to the link of the row, which Enter opens. */
function moveRow(step) {
  const heads = [...document.querySelectorAll("main .tbl tbody th[scope=row] a[href]:first-of-type")];
  const links = heads.filter((link) => link.checkVisibility()); // a folded group is passed over
  if (links.length === 0) return false;
  const row = document.activeElement.closest("tr");
  const now = links.findIndex((link) => link.closest("tr") === row);
  links[now < 0 ? 0 : Math.min(Math.max(now + step, 0), links.length - 1)].focus();
  return true;
}

/* Screen readers announce the key of a control, and the title of one without text shows it. */
function sayKeys() {
  if (page.dataset.shortcuts === "off") return;
  for (const place of document.querySelectorAll("[data-key], [data-near-key]")) {
    const keys = place.dataset.key ?? place.dataset.nearKey;
    if (!place.matches(`${CONTROLS}, input`) || place.hasAttribute("aria-keyshortcuts")) continue;
    place.setAttribute("aria-keyshortcuts", keys.replace(/Ctrl\+(\S+)/g, "Control+$1 Meta+$1"));
    if (place.title) place.title += ` (${keys})`;
  }
}
