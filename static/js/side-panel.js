// The panel next to a page: it opens at its first field; as a drawer or full screen it traps the focus, Esc closes it,
// and the page shows what was done in it.

const covers = matchMedia("(width < 70rem)");
const OPENED = "side-panel-opened-by";
const TOP = "dialog[open], :popover-open, details[data-pop][open], details.info[open]";

function panel() {
  return document.querySelector("[data-side-panel]");
}

/* The page under it can't be reached: siblings of the panel and of its ancestors are inert. */
function cover() {
  document.querySelectorAll("[data-under-panel]").forEach((under) => {
    under.inert = false;
    under.removeAttribute("data-under-panel");
  });
  const above = panel();
  if (!above || !covers.matches) return;
  for (let inner = above; inner !== document.body; inner = inner.parentElement) {
    for (const other of inner.parentElement.children) {
      if (other === inner || other.inert || other.matches("dialog, script, template, .toasts, #announcer")) continue;
      other.inert = true;
      other.setAttribute("data-under-panel", "");
    }
  }
}

// ---- opened and closed ----

/* The panel that an address opens, and at which turn; null for none. */
function stateOf(href) {
  const asked = new URL(href, location).searchParams;
  return asked.get("panel") && JSON.stringify([asked.get("panel"), asked.get("turn")]);
}

const current = () => (panel() ? stateOf(location) : null);
const openers = () => [...document.querySelectorAll("a[data-panel]")];
const opener = (state) => openers().find((link) => stateOf(link.href) === state);

let shown = current();

function follow() {
  const now = current();
  cover();
  if (now === shown) return;
  if (now) {
    remember(now);
    begin();
  } else {
    opener(shown)?.focus();
    remember(null);
  }
  mark(now);
  shown = now;
}

/* In the first field, or at the title of a panel without one. */
function begin() {
  if (!focusing.first(panel().querySelector(".side-panel-body"))) document.getElementById("side-panel-title").focus();
}

function mark(state) {
  for (const link of openers()) {
    if (state && stateOf(link.href) === state) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

/* Back reloads the page: the focus returns to the control that opened the panel. */
function remember(state) {
  if (state) sessionStorage.setItem(OPENED, JSON.stringify([location.pathname, state]));
  else sessionStorage.removeItem(OPENED);
}

function comeBack() {
  const [path, state] = JSON.parse(sessionStorage.getItem(OPENED) ?? "[]");
  if (shown) return remember(shown);
  if (path === location.pathname) opener(state)?.focus({ preventScroll: true });
  remember(null);
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || !covers.matches || document.querySelector(TOP)) return;
  panel()?.querySelector("[data-panel-close]").click();
});

// ---- the page shows what was done in the panel, without losing what is being typed there: in the marked parts, or on
// the whole page if it marks none ----

async function refresh() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const parts = document.querySelectorAll("[data-beside]");
  for (const part of parts.length ? parts : document.querySelectorAll("main")) {
    const now = page.getElementById(part.id);
    if (!now || isTyped(part)) continue;
    const fresh = document.importNode(now, true);
    focusing.keep(() => part.replaceWith(fresh));
    htmx.process(fresh);
  }
}

function isTyped(part) {
  return [...part.querySelectorAll("textarea, input:not([type=hidden])")].some(
    (field) => field.value !== field.defaultValue || field.checked !== field.defaultChecked,
  );
}

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  follow();
  const done = document.querySelector("[data-page-changed]:not([data-told])");
  if (!done || !ctx) return;
  done.setAttribute("data-told", "");
  refresh();
});

covers.addEventListener("change", cover);
cover();
mark(shown);
comeBack();
if (shown && document.activeElement === document.body) begin();
