// Calling from the app, and the missed-call queue: an entry opens in place, and rows are kept up to date. Its keys:
// shortcuts.js.

// ---- dialing ----

// The response to "Call" confirms that the call is recorded and assigned; only then is the number dialed.
document.querySelector("a[data-dial]")?.click();

// ---- an entry opens below its row: one at a time, in the address, so that Back closes it and a reload preserves it
// ----

const bodies = () => [...document.querySelectorAll("tbody[data-entry]")];
const opener = (body) => body.querySelector("[data-opens]");
const detail = (body) => document.getElementById(`open-${body.dataset.entry}`);

function mark(body, isOpen) {
  body.toggleAttribute("data-opened", isOpen);
  body.rows[0].classList.toggle("is-open", isOpen);
  opener(body).setAttribute("aria-expanded", isOpen);
  if (!isOpen) detail(body)?.remove();
}

// Before HTMX sees the click: an open entry closes.
document.addEventListener(
  "click",
  (event) => {
    const link = event.target.closest?.("[data-opens][aria-expanded=true]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    mark(link.closest("tbody"), false);
    const address = new URL(location);
    address.searchParams.delete("open");
    history.pushState(null, "", address);
  },
  { capture: true },
);

document.addEventListener("htmx:after:swap", () => {
  const asked = new URL(location).searchParams.get("open");
  const open = bodies().filter(detail);
  for (const body of open) mark(body, open.length === 1 || body.dataset.entry === asked);
  if (open.length) ask();
});

window.addEventListener("popstate", () => {
  const asked = new URL(location).searchParams.get("open");
  if (document.querySelector("[data-news]") && asked !== (bodies().find(detail)?.dataset.entry ?? null)) location.reload();
});

document.querySelector("tbody[data-opened]")?.scrollIntoView({ block: "nearest" });

// ---- time left of a claim ----

const LEASE = 600;
const NEAR = 120;

function tick() {
  for (const lease of document.querySelectorAll("[data-lease]")) {
    const left = Math.max(0, (new Date(lease.dataset.lease) - Date.now()) / 1000);
    const words = lease.querySelector("[data-words]");
    words.textContent = words.dataset.words.replace("{minutes}", Math.ceil(left / 60));
    lease.classList.toggle("lease--warn", left < NEAR);
    lease.querySelector(".fuse").classList.toggle("fuse--warn", left < NEAR);
    lease.querySelector(".used").setAttribute("width", `${Math.min(100, 100 - (left / LEASE) * 100)}%`);
  }
}

// ---- news: rows change in place, and new callers wait in a bar; nothing moves under the pointer or the focus ----

const EVERY = 15000;
let asking = false;
let again = false; // a response to an earlier request can be older than the latest change

const copy = (id) => document.getElementById(id).content.cloneNode(true);

async function ask() {
  const place = document.querySelector("[data-news]");
  if (!place || document.hidden) return;
  again = asking;
  if (asking) return;
  asking = true;
  const { news, tag } = place.dataset;
  const headers = { "HX-Request": "true", ...(tag ? { "If-None-Match": tag } : {}) };
  const rows = bodies().map((body) => body.dataset.entry);
  try {
    const answer = await fetch(`${news}&rows=${rows}`, { headers, cache: "no-store" });
    if (answer.ok || answer.status === 304) {
      document.dispatchEvent(new CustomEvent("page:asked", { detail: answer.headers }));
    }
    if (answer.status === 200) {
      place.dataset.tag = answer.headers.get("ETag");
      renew(place, new DOMParser().parseFromString(await answer.text(), "text/html"));
    } else if (answer.status !== 304) {
      lose(place);
    }
  } catch {
    lose(place);
  } finally {
    asking = false;
  }
  if (again) await ask();
}

function lose(place) {
  delete place.dataset.tag; // the next response is complete, and states what to show in its place
  if (!place.querySelector(".banner")) place.replaceChildren(copy("queue-lost"));
}

function renew(place, news) {
  document.dispatchEvent(new CustomEvent("counts", { detail: news }));
  const bar = news.querySelector(".newbar");
  const isLost = place.querySelector(".banner");
  if (isLost || !place.firstElementChild || bar?.textContent !== place.querySelector(".newbar")?.textContent) {
    place.replaceChildren(bar ?? copy("queue-live"));
  }
  for (const body of bodies()) {
    const now = news.getElementById(body.id);
    const wasGone = body.matches(".is-gone");
    if (now ? !wasGone && now.dataset.state === body.dataset.state : wasGone) continue;
    if (isUsed(body)) delete place.dataset.tag; // requested again once no one is using the row
    else if (now) put(body, now);
    else leave(body);
  }
}

/* A row under the pointer, with the focus or with a recording that plays stays as it is. If an entry is open below it,
   the pointer alone doesn't count: the row then shows what was done in the entry, and isn't touched itself. */
function isUsed(body) {
  const isPlaying = [...body.rows[0].querySelectorAll("audio")].some((audio) => !audio.paused);
  return isPlaying || body.rows[0].matches(detail(body) ? ":focus-within" : ":hover, :focus-within");
}

function put(body, now) {
  const row = document.adoptNode(now.rows[0]);
  body.rows[0].replaceWith(row);
  body.classList.remove("is-gone");
  body.dataset.state = now.dataset.state;
  htmx.process(row);
  if (detail(body)) mark(body, true);
}

function leave(body) {
  const actions = body.querySelector("tr:first-child .act");
  if (!actions) return;
  body.classList.add("is-gone");
  actions.replaceChildren(copy("queue-gone"));
}

setInterval(() => (tick(), ask()), EVERY);
document.addEventListener("visibilitychange", ask);
ask();
