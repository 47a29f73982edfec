// The palette: the server answers what is typed, the arrow keys move through the options while the focus stays in the
// field (combobox with a list box, WAI-ARIA practices).

const RECENT = "recent-places"; // of this tab and one account
const MOST_RECENT = 6;
const palette = document.getElementById("palette");
const field = document.getElementById("cmd-field");

remember();

if (palette) {
  const list = document.getElementById("cmd-list");
  const recent = document.getElementById("cmd-recent");
  const status = document.getElementById("cmd-status");
  let waiting = null; // an Enter pressed before its response arrived

  new MutationObserver(() => {
    if (!palette.open) return;
    field.select();
    showRecent();
    ask();
  }).observe(palette, { attributeFilter: ["open"] });

  field.addEventListener("htmx:after:init", ask); // it was opened before HTMX could respond

  field.addEventListener("input", () => {
    waiting = null;
    showRecent();
  });

  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      move(step);
    } else if (event.key === "Enter" && !isUpToDate() && !waiting) {
      event.preventDefault();
      waiting = event; // until the response to the typed text; a second Enter opens the search page
    } else if (event.key === "Enter" && isUpToDate() && current()) {
      event.preventDefault();
      follow(event);
    }
  });

  list.addEventListener("pointermove", ({ target }) => select(target.closest("[role=option]") ?? current()));
  palette.addEventListener("click", ({ target }) => target === palette && palette.close()); // a click on the backdrop

  new MutationObserver(() => {
    options().forEach((option, place) => (option.id = `cmd-option-${place}`));
    select(options()[0]);
    if (waiting && isUpToDate() && current()) follow(waiting);
    if (isUpToDate()) waiting = null;
    const found = list.querySelector("[data-announce]");
    if (field.value.trim()) status.textContent = found?.dataset.announce ?? "";
  }).observe(document.getElementById("cmd-found"), { childList: true });

  function ask() {
    if (palette.open) field.dispatchEvent(new CustomEvent("palette:open", { bubbles: true }));
  }

  function options() {
    return [...list.querySelectorAll("[role=option]")].filter((option) => option.checkVisibility());
  }

  function current() {
    return list.querySelector("[aria-selected=true]");
  }

  function move(step) {
    const all = options();
    select(all.at((all.indexOf(current()) + step) % all.length));
    current()?.scrollIntoView({ block: "nearest" });
  }

  function select(option) {
    const before = current();
    if (option === before && option) return;
    before?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    field.setAttribute("aria-expanded", String(options().length > 0));
    if (option) field.setAttribute("aria-activedescendant", option.id);
    else field.removeAttribute("aria-activedescendant");
  }

  function isUpToDate() {
    return list.querySelector("[data-typed]")?.dataset.typed === field.value.trim();
  }

  function follow({ ctrlKey, metaKey }) {
    const option = current();
    if ((ctrlKey || metaKey) && option.href) window.open(option.href, "_blank", "noopener");
    else option.click();
  }

  function showRecent() {
    recent.querySelectorAll("[role=option]").forEach((option) => option.remove());
    const places = field.value.trim() ? [] : stored().filter(({ href }) => href !== location.pathname + location.search);
    for (const { href, title } of places) {
      const option = Object.assign(document.createElement("a"), { href, className: "hit cmd-opt", tabIndex: -1 });
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      const text = Object.assign(document.createElement("span"), { className: "trunc", textContent: title });
      option.append(text);
      recent.append(option);
    }
    recent.hidden = places.length === 0;
  }
}

/* Places visited in this tab. Those of another account are forgotten, and all of them while signed out. */
function remember() {
  const account = document.body.dataset.account;
  const heading = document.querySelector("main h1")?.textContent.trim();
  const { pathname, search } = location;
  if (!account) return sessionStorage.removeItem(RECENT);
  if (!heading || pathname === "/search") return;
  const here = { href: pathname + search, title: heading };
  const places = [here, ...stored().filter(({ href, title }) => href !== here.href && title !== heading)];
  sessionStorage.setItem(RECENT, JSON.stringify({ account, places: places.slice(0, MOST_RECENT) }));
}

function stored() {
  const kept = JSON.parse(sessionStorage.getItem(RECENT) ?? "{}");
  return kept.account === document.body.dataset.account ? (kept.places ?? []) : [];
}
