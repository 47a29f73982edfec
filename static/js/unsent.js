// Forms and pieces of recordings that are stored on this device are sent as soon as there is a connection, each in a
// session of the person they belong to; and no one leaves with unsent data without a warning. What the rep's day shows
// of it: static/js/offline.js. How pieces are sent: static/js/pieces.js.
//
// A stored form: { id, person, at, action, fields: [[name, value]], label, about, entered, state, why, helps }. Its
// state is "waiting" or "refused"; "sending" and "sent" are only reported by the event `sends:told`, never stored.

const SESSION = "/account/session";
const PATIENCE_MS = 20_000; // a slower connection counts as none
const AGAIN_MS = 30_000;
const CLOCK_OFF_MS = 60_000; // a smaller difference can be the time that a response takes
const DAYS = "rep-day:"; // the service worker's prefix for cached days (static/js/worker.js)
// Requested as by HTMX, so that the response is marked as the app's own and doesn't redirect; refusals are JSON.
const ASKS = { Accept: "application/json", "HX-Request": "true", "HX-Request-Type": "full" };
const { account } = document.body.dataset;
const leaving = document.getElementById("not-sent");
let hasAsked = false;
let aheadMs = 0; // how far this device's clock is ahead of the server's

window.sends = {
  /* Send a form. Returns the response, or throws without a connection to the app. */
  async post(action, fields, token) {
    const body = new URLSearchParams([...fields, ["csrf_token", token]]);
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const answer = await fetch(action, { method: "POST", body, headers: ASKS, redirect: "manual", signal });
    if (!answer.headers.has("X-Answered-By")) throw new TypeError("something on the way answered instead");
    return answer;
  },

  /* Return the address a response leads to if the form was stored; null if it wasn't. */
  leadsTo(answer) {
    const address = answer.ok && answer.headers.get("HX-Redirect");
    return address && !/^\/(account|login)\b/.test(address) ? address : null;
  },

  /* Return the token of this person's session; null without a connection or in another person's session. On a user's
     request, asks to sign in again. */
  token: (isAskedFor) => tokenOf(isAskedFor),

  /* Return an ISO time by the server's clock for one by this device's, whose clock is taken to be as wrong as it was then.
     If it has been corrected since, what would be in the future counts as now. */
  momentOf(at) {
    return new Date(Math.min(at, Date.now()) - aheadMs).toISOString();
  },

  /* Send everything that waits; resolves when nothing more can be done now. On a user's request, asks to sign
     in again. */
  sendAll(isAskedFor = false) {
    const all = () => sendWaiting(isAskedFor);
    return navigator.locks ? navigator.locks.request("switchboard-sends", all) : all(); // one tab at a time
  },
};

// ---- sending ----

async function sendWaiting(isAskedFor) {
  if (!navigator.onLine) return;
  const kept = await device.kept("sends", account);
  // The start of a recording is tried again only on request: what was recorded waits for it.
  const waiting = kept.filter(({ state, begins }) => state !== "refused" || (isAskedFor && begins));
  if (!waiting.length && !(await pieces.isAnyLeft(isAskedFor))) return;
  const token = await tokenOf(isAskedFor);
  if (!token) return;
  // A person who is recording can't start another recording: the end of the previous one is sent first.
  if (!(await pieces.send(token, beginnings(kept)))) return;
  for (const send of waiting) {
    tell(send, "sending");
    if (!(await sendOne(send, token))) return tell(send, "waiting");
  }
  await pieces.send(token, beginnings(await device.kept("sends", account)));
}

/* Recordings that the server doesn't know yet. */
function beginnings(kept) {
  return new Set(kept.map(({ begins }) => begins));
}

async function tokenOf(isAskedFor) {
  let answer;
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    answer = await fetch(SESSION, { headers: { Accept: "application/json" }, signal });
    compareClocks(answer);
    if (answer.ok) {
      const session = await answer.json();
      return session.account === account ? session.csrf_token : null;
    }
  } catch {
    return null;
  }
  if (answer.status === 401 && (isAskedFor || !hasAsked)) {
    hasAsked = true;
    document.dispatchEvent(new CustomEvent("session:ended", { cancelable: true, detail: { again: () => sends.sendAll() } }));
  }
  return null;
}

function compareClocks({ headers }) {
  const difference = Date.now() - Date.parse(headers.get("date"));
  aheadMs = Math.abs(difference) > CLOCK_OFF_MS ? difference : 0; // also without such a header
}

/* Return whether there was a final response. */
async function sendOne(send, token) {
  const fields = send.fields.map(([name, value]) => [name, name === "occurred_at" ? sends.momentOf(send.at) : value]);
  let answer;
  try {
    answer = await sends.post(send.action, fields, token);
  } catch {
    return false;
  }
  if (sends.leadsTo(answer)) {
    await device.drop("sends", send.id);
    tell(send, "sent");
    return true;
  }
  if (answer.ok || [401, 408, 429].includes(answer.status) || answer.status >= 500) return false;
  const refused = { ...send, state: "refused", ...(await refusalOf(send, answer)) };
  await device.keep("sends", refused);
  tell(refused, "refused");
  return true;
}

/* Return why it was refused, and which page helps: for a recording that couldn't start, the unfinished recording or the
   appointment. */
async function refusalOf({ begins, page, action }, answer) {
  const { error } = await answer.json().catch(() => ({}));
  const why = (error?.details?.length ? error.details.map(({ message }) => message).join(" ") : error?.message) ?? `${answer.status}`;
  if (!begins) return { why };
  return { why, helps: error?.recordingId ? page.replace(begins, error.recordingId) : action.replace(/\/(recordings\/new|continue)$/, "") };
}

function tell(send, state) {
  document.dispatchEvent(new CustomEvent("sends:told", { detail: { send, state } }));
}

if (account && "indexedDB" in window) {
  const go = () => sends.sendAll().catch(() => {}); // a browser that stores nothing has nothing to send
  window.addEventListener("online", go);
  setInterval(go, AGAIN_MS);
  go();
  forgetDays((name) => !name.endsWith(`:${account}`)); // of the person who was signed in here before
}

async function forgetDays(isGone = () => true) {
  if (!("caches" in window)) return;
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(DAYS) && isGone(name)).map((name) => caches.delete(name)));
}

// ---- signing out, and resetting the browser ----

document.addEventListener(
  "submit",
  async (event) => {
    const { target: form } = event;
    if (!form.matches("[data-leaves]") || !leaving) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if ((await countUnsent(form)) === 0) return leave(form);
    ask(form);
  },
  { capture: true },
);

/* Return how much of this person's data is unsent; everyone's if everything is deleted. */
async function countUnsent(form) {
  try {
    const people = form.dataset.leaves === "all" ? await device.people() : [account];
    const kept = people.flatMap((person) => [device.kept("sends", person), device.kept("parts", person)]);
    return (await Promise.all(kept)).flat().length;
  } catch {
    return 0;
  }
}

function ask(form) {
  const [send, discard] = ["send", "discard"].map((name) => leaving.querySelector(`[data-${name}]`));
  const said = leaving.querySelector("[data-said]");
  said.textContent = "";
  send.onclick = async () => {
    send.setAttribute("aria-busy", "true");
    await sends.sendAll(true).catch(() => {});
    send.removeAttribute("aria-busy");
    if ((await countUnsent(form)) === 0) return leave(form);
    said.textContent = said.dataset.said;
  };
  discard.onclick = () => leave(form);
  leaving.showModal();
  leaving.querySelector("h2").focus();
}

async function leave(form) {
  await forget(form.dataset.leaves === "all").catch(() => {});
  form.submit();
}

async function forget(isAll) {
  const workers = (await navigator.serviceWorker?.getRegistrations()) ?? [];
  await Promise.all([forgetDays(), forgetSends(isAll), ...workers.map((worker) => worker.unregister())]);
}

async function forgetSends(isAll) {
  if (isAll) return device.clear();
  for (const store of ["sends", "parts"]) {
    for (const { id } of await device.kept(store, account)) await device.drop(store, id);
  }
}
