// Calls from here, and news of the missed-call queue without a reload. Its keys: shortcuts.js.

// ---- dialling ----

// The answer to "Call" says that the call is recorded and whose it is; only then is the number dialled.
document.querySelector("a[data-dial]")?.click();

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
