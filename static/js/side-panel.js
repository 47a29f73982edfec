// The panel beside a page: as a drawer or a screen of its own it holds the focus, Esc closes it, and what was done in it
// shows on the page.

const covers = matchMedia("(width < 70rem)");
const OPENED = "side-panel-opened-by";
const TOP = "dialog[open], :popover-open, details[data-pop][open], details.info[open]";

function panel() {
  return document.querySelector("[data-side-panel]");
}

/* What lies under it can't be reached: all beside the elements that it stands in. */
function cover() {
  document.querySelectorAll("[data-under-panel]").forEach((under) => {
    under.inert = false;
    under.removeAttribute("data-under-panel");
  });
  const shown = panel();
  if (!shown || !covers.matches) return;
  for (let inner = shown; inner !== document.body; inner = inner.parentElement) {
    for (const other of inner.parentElement.children) {
      if (other === inner || other.inert || other.matches("dialog, script, template, .toasts, #announcer")) continue;
      other.inert = true;
      other.setAttribute("data-under-panel", "");
    }
  }
}

// ---- opened and closed ----

let shownName = panel()?.dataset.sidePanel;

function follow() {
  const name = panel()?.dataset.sidePanel;
  cover();
  if (name === shownName) return;
  if (name) {
    remember(name);
    document.getElementById("side-panel-title").focus();
  } else {
    opener(shownName)?.focus();
    remember(null);
  }
  for (const link of document.querySelectorAll("a[data-panel]")) {
    if (link.dataset.panel === name) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  shownName = name;
}

function opener(name) {
  return name ? document.querySelector(`a[data-panel="${CSS.escape(name)}"]`) : null;
}

/* Back loads the page anew: the focus goes to what had opened the panel there. */
function remember(name) {
  if (name) sessionStorage.setItem(OPENED, JSON.stringify([location.pathname, name]));
  else sessionStorage.removeItem(OPENED);
}

function comeBack() {
  const [path, name] = JSON.parse(sessionStorage.getItem(OPENED) ?? "[]");
  if (shownName) return remember(shownName);
  if (path === location.pathname) opener(name)?.focus({ preventScroll: true });
  remember(null);
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || !covers.matches || document.querySelector(TOP)) return;
  panel()?.querySelector("[data-panel-close]").click();
});

// ---- what was done shows on the page, but nothing that somebody is typing there goes ----

async function refresh() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-beside]")) {
    const now = page.getElementById(part.id);
    if (!now || isTyped(part)) continue;
    const fresh = document.importNode(now, true);
    part.replaceWith(fresh);
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
  const done = document.querySelector("[data-panel-done]:not([data-told])");
  if (!done || !ctx) return;
  done.setAttribute("data-told", "");
  refresh();
});

covers.addEventListener("change", cover);
cover();
comeBack();
if (shownName && covers.matches && document.activeElement === document.body) document.getElementById("side-panel-title").focus();
