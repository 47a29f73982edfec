// The missed-call queue: dialling, single keys, and news of it without a reload.

// ---- dialling ----

// The answer to "Call" says that the call is recorded and whose it is; only then is the number dialled.
document.querySelector("a[data-dial]")?.click();

// ---- keys ----

const rows = () => [...document.querySelectorAll("tr[data-entry]")];

function step(by) {
  const all = rows();
  const now = all.findIndex(row => row.contains(document.activeElement));
  const next = all[Math.min(Math.max(now + by, 0), all.length - 1)];
  next?.querySelector("th a")?.focus();
}

function press(selector) {
  const button = document.querySelector(selector);
  button?.click();
  return Boolean(button);
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  c: () => press("[data-claim-next]"),
  n: () => press("[data-news] a"),
};

document.addEventListener("keydown", event => {
  const isTyping = event.target.closest?.("input, textarea, select, [contenteditable], dialog");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || !document.querySelector("[data-queue]")) return;
  if (document.documentElement.dataset.shortcuts === "off") return;
  if (/^[1-4]$/.test(event.key) && press(`[data-result="${event.key}"]`)) return event.preventDefault();
  const act = KEYS[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});

// ---- news ----

const EVERY = 15000;
let tag = null;

// What is new stands in a bar until somebody brings it in: nothing moves under the pointer or the focus.
async function ask() {
  const place = document.querySelector("[data-news]");
  if (!place || document.hidden) return;
  const headers = tag ? { "If-None-Match": tag, "HX-Request": "true" } : { "HX-Request": "true" };
  try {
    const answer = await fetch(place.dataset.news, { headers, cache: "no-store" });
    if (answer.status !== 200) return;
    tag = answer.headers.get("ETag");
    place.innerHTML = await answer.text();
  } catch {
    // Not live for now; the next question comes by itself.
  }
}

setInterval(ask, EVERY);
document.addEventListener("visibilitychange", ask);
