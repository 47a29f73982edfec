// The rep's day without a connection: forms are stored on the device, shown with their state, and sent later
// (static/js/unsent.js); the service worker shows the day as it was (static/js/worker.js).

const TYPED_INTO = ":is(input:not([type=hidden]), select, textarea)";
const { account, keptAt } = document.body.dataset;
const day = document.querySelector("[data-worker]");
const list = document.getElementById("unsent");
const one = document.getElementById("unsent-one");
const here = document.getElementById("recording-here");
const busy = new Set(); // forms that are being submitted
const passing = new Map(); // by id, what is being sent or has been sent; neither state is in the store
const told = new Map(); // the last event about each recording whose pieces are being sent

// ---- a form that can't be sent is stored ----

document.addEventListener(
  "submit",
  async (event) => {
    const { target: form, submitter } = event;
    if (!form.matches("[data-offline]") || event.defaultPrevented || !list) return;
    event.preventDefault(); // so that static/js/forms.js doesn't treat it as submitted
    if (busy.has(form)) return;
    if (form.matches("[data-records]") && recorderHere()?.isOpen) return focusRecorder(); // one at a time
    busy.add(form);
    submitter?.setAttribute("aria-busy", "true");
    await sendOrKeep(form, submitter);
    submitter?.removeAttribute("aria-busy");
    busy.delete(form);
  },
  { capture: true },
);

async function sendOrKeep(form, submitter) {
  const send = sendOf(form, submitter);
  const answer = (await isFree(form)) ? await answerTo(send, form) : null;
  if (!answer) return keep(form, send);
  form.dispatchEvent(new Event("reset", { bubbles: true })); // it is no longer an unsaved change
  const address = sends.leadsTo(answer);
  if (address) location.assign(address);
  else form.submit(); // the response page shows the errors next to what was typed
}

/* Return whether nothing is left of the recording that must be sent before this form. */
async function isFree({ dataset: { after } }) {
  if (!after) return true;
  await sends.sendAll(true).catch(() => {});
  return !(await pieces.left()).has(after);
}

/* Returns null without a connection. A page from the cache has the token of a session that may have ended: see
   `keep`. */
async function answerTo({ action, fields }, form) {
  if (!navigator.onLine || keptAt) return null;
  try {
    return await sends.post(action, fields.filter(([name]) => name !== "occurred_at"), form.elements.csrf_token.value);
  } catch {
    return null;
  }
}

function sendOf(form, submitter) {
  const at = Date.now();
  const fields = [...new FormData(form, submitter)].filter(([name]) => !["csrf_token", "occurred_at"].includes(name));
  const entered = [...form.querySelectorAll(TYPED_INTO)].map(wordsIn).filter(Boolean);
  return {
    ...beginning(form),
    id: crypto.randomUUID?.() ?? `${at}-${Math.random()}`,
    person: account,
    at,
    action: new URL(form.action).pathname,
    fields: [...fields, ["occurred_at", new Date(at).toISOString()]],
    label: form.dataset.offline,
    about: form.closest("[data-about]")?.dataset.about ?? "",
    entered: entered.join(", "),
    state: "waiting",
  };
}

/* The typed text, or the label of the selected choice. */
function wordsIn(field) {
  if (field.type !== "radio") return field.value.trim();
  return field.checked ? field.labels[0].textContent.trim() : "";
}

/* A recording that starts with this form: its id, and its page. */
function beginning(form) {
  if (!form.matches("[data-records]")) return {};
  const begins = form.elements.row_id.value;
  return { begins, page: ofRecording(begins, document.getElementById("recorder-here").content.querySelector("[data-recorder]").dataset.page) };
}

async function keep(form, send) {
  try {
    await device.keep("sends", send);
  } catch {
    form.before(document.getElementById("fragment-error").content.cloneNode(true));
    return;
  }
  const isRecorded = send.begins && form.elements.consent?.value !== "refused";
  form.reset();
  renewId(form);
  form.closest("details")?.removeAttribute("open");
  await show();
  if (isRecorded) return recordHere(send);
  document.getElementById("announcer").textContent = list.dataset.waiting;
  (document.querySelector(`[data-kept-for="${pageOf(send)}"]`) ?? list.querySelector("summary")).focus();
  sends.sendAll().catch(() => {}); // the failure can have been momentary
}

/* The recorder is separate from its form, which can be removed while the appointment is recorded. Its first piece
   follows the stored answer (static/js/unsent.js). */
function recordHere({ begins, about }) {
  const panel = document.getElementById("recorder-here").content.cloneNode(true);
  const root = panel.querySelector("[data-recorder]");
  const { parts, finish, page } = root.dataset;
  panel.querySelector("[data-of]").textContent = about;
  Object.assign(root.dataset, { recording: begins, about, parts: ofRecording(begins, parts), finish: ofRecording(begins, finish), page: ofRecording(begins, page) });
  here.replaceChildren(panel);
  here.hidden = false;
  recorders.begin(root);
  focusRecorder();
}

function ofRecording(id, address) {
  return address.replace("00000000-0000-0000-0000-000000000000", id);
}

function recorderHere() {
  return here?.querySelector("[data-recorder]")?.recorder;
}

function focusRecorder() {
  here.scrollIntoView({ block: "center" });
  here.querySelector("[data-of]").focus();
}

/* The next entry in the same form is another row. */
function renewId(form) {
  const id = form.elements.row_id;
  if (id && crypto.randomUUID) id.value = crypto.randomUUID();
}

// ---- stored entries and their state ----

async function show() {
  const kept = await device.kept("sends", account);
  const recordings = [...(await pieces.left())].map(asSend);
  const sent = [...passing.values()].filter(({ state }) => state === "sent").map(({ send }) => send);
  const shown = [...kept, ...recordings, ...sent];
  list.hidden = shown.length === 0;
  list.querySelector("ul").replaceChildren(...shown.map(itemOf));
  sum(kept, recordings);
  list.querySelector("[data-send]").hidden = !kept.some(({ state }) => state === "waiting") && recordings.length === 0;
  const waiting = kept.filter(({ state }) => state !== "refused").map(pageOf);
  document.querySelectorAll("[data-kept-for]").forEach((note) => (note.hidden = !waiting.includes(note.dataset.keptFor)));
  document.querySelectorAll("[data-once]").forEach((part) => (part.hidden = waiting.includes(part.dataset.once)));
  showNext(waiting);
  await showOpen();
}

/* All of it in one line; a refused entry needs attention, so it opens the list. */
function sum(kept, recordings) {
  const { entries, recorded } = list.querySelector("[data-sum]").dataset;
  const seconds = recordings.reduce((sum, { left }) => sum + pieces.secondsOf(left), 0);
  const words = [
    kept.length > 0 && entries.replace("{count}", kept.length),
    seconds > 0 && recorded.replace("{minutes}", Math.max(Math.round(seconds / 60), 1)),
  ];
  list.querySelector("[data-sum]").textContent = words.filter(Boolean).join(" · ");
  const isRefused = [...kept, ...recordings].some(({ state }) => state === "refused");
  if (isRefused && !list.isRefused) list.querySelector("details").open = true;
  list.isRefused = isRefused;
}

/* The unfinished recording that the page knows of: another tab can be recording it, or its end can be on its way. */
async function showOpen() {
  const card = document.querySelector("[data-open-recording]");
  if (!card) return;
  const { openRecording } = card.dataset;
  const left = (await pieces.left()).get(openRecording) ?? [];
  const isHeld = await pieces.isHeld(openRecording);
  card.hidden = left.some(({ number }) => !number);
  card.querySelector("[data-elsewhere]").hidden = !isHeld;
  card.querySelector("[data-ways]").hidden = isHeld;
}

/* Once the outcome of the appointment on the card is entered, show the first later one without an outcome. */
function showNext(waiting) {
  const place = document.getElementById("later");
  if (!place) return;
  const isSaid = waiting.includes(document.querySelector(".next-visit [data-once]")?.dataset.once);
  const next = isSaid && [...document.querySelectorAll("[data-later]")].find((visit) => !waiting.includes(visit.dataset.later));
  place.hidden = !next;
  if (!next) return place.replaceChildren();
  if (place.dataset.of === next.dataset.later && place.hasChildNodes()) return; // someone can be typing there
  place.dataset.of = next.dataset.later;
  const token = document.querySelector("input[name=csrf_token]").value; // the page can be older than its session
  place.replaceChildren(next.content.cloneNode(true));
  place.querySelectorAll("form").forEach((form) => {
    form.elements.csrf_token.value = token;
    renewId(form);
  });
}

/* The pieces of a recording, as one unsent item. */
function asSend([id, left]) {
  const [{ at, about, page }] = left;
  const { state, why } = told.get(id) ?? {};
  const entered = [lengthOf(left, true), lengthOf(left, false)].filter(Boolean).join(" ");
  return { id, at, about, page, left, entered, label: list.dataset.recording, state: state ?? "waiting", why };
}

/* The length of what this device has stored, or has no space for. */
function lengthOf(left, isSaved) {
  const seconds = Math.ceil(pieces.secondsOf(left.filter((piece) => Boolean(piece.isSaved) === isSaved)));
  const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  return seconds > 0 && list.dataset[isSaved ? "saved" : "unsaved"].replace("{time}", time);
}

function itemOf(send) {
  const item = one.content.cloneNode(true);
  const state = passing.get(send.id)?.state ?? send.state;
  item.querySelector("[data-what]").textContent = [send.about, send.label].filter(Boolean).join(": ");
  item.querySelector("[data-entered]").textContent = [send.entered, timeOf(send.at)].filter(Boolean).join(" · ");
  item.querySelector("[data-state]").textContent = wordsOf(state, send);
  item.querySelector("li").dataset.is = state;
  const link = item.querySelector("[data-page]");
  link.href = (state === "refused" && send.helps) || (send.page ?? pageOf(send));
  link.hidden = !["refused", "sent"].includes(state);
  const discard = item.querySelector("[data-discard]");
  discard.hidden = ["sending", "sent"].includes(state);
  discard.onclick = () => drop(send);
  return item;
}

/* For waiting pieces, the item states how many are stored and how many aren't. */
function wordsOf(state, { why, left }) {
  return state === "waiting" && left ? "" : list.dataset[state].replace("{why}", why ?? "");
}

/* Includes the date unless it is today. */
function timeOf(moment) {
  const at = new Date(moment);
  const isToday = at.toDateString() === new Date().toDateString();
  return at.toLocaleString(document.documentElement.lang, { dateStyle: isToday ? undefined : "medium", timeStyle: "short" });
}

/* The page of the appointment or the contact: the addresses of its forms are below it. */
function pageOf({ action }) {
  return action.replace(/\/[^/]+$/, "");
}

/* Discarding a recording is confirmed first. A recording that the server doesn't know yet is deleted with the answer
   that starts it. */
async function drop(send) {
  const id = send.left ? send.id : send.begins;
  const left = id && (await pieces.left()).get(id);
  if (!left) await device.drop("sends", send.id);
  else if (!(await discardRecording(id, left))) return;
  await show();
  (list.hidden ? document.getElementById("main") : list.querySelector("summary")).focus();
}

async function discardRecording(id, left) {
  const beginning = (await device.kept("sends", account)).find(({ begins }) => begins === id);
  const [{ about, page }] = left;
  const where = await discarding.ask({ recording: id, about, seconds: pieces.secondsOf(left), address: beginning ? null : `${page}/discard` });
  if (where === null) return false;
  if (beginning) await device.drop("sends", beginning.id);
  if (recorderHere()?.recording === id) {
    here.replaceChildren();
    here.hidden = true;
  }
  showAnew();
  return true;
}

document.addEventListener("sends:told", async ({ detail }) => {
  if (!list) return;
  passing.set(detail.send.id, detail);
  if (!["sending", "sent"].includes(detail.state)) passing.delete(detail.send.id);
  await show();
  if (detail.state === "sending") return;
  document.getElementById("announcer").textContent = wordsOf(detail.state, detail.send);
  if (detail.state !== "waiting") showAnew();
});

document.addEventListener("pieces:told", ({ detail: { recording, state, why } }) => {
  if (!list) return;
  if (["sent", "ended"].includes(state)) showArrived(recording);
  if (["sending", "refused"].includes(state)) told.set(recording, { state, why });
  else told.delete(recording);
  show();
});

/* Everything left of the recording on the card has arrived; pieces of one that a tab is recording arrive one by one. */
async function showArrived(recording) {
  const isOnCard = document.querySelector("[data-open-recording]")?.dataset.openRecording === recording;
  if (isOnCard && !(await pieces.isHeld(recording))) showAnew();
}

/* The day has changed, by what was sent or while offline. The page isn't reloaded while someone types. */
async function showAnew() {
  const isTyped = [...document.querySelectorAll(`main form ${TYPED_INTO}`)].some((one) => one.value !== (one.defaultValue ?? one.value));
  if (isTyped || busy.size > 0 || document.querySelector("dialog[open]")) return;
  // A recording on this page prevents the reload too, but the page is connected again.
  if (recorderHere()) return (document.getElementById("kept-day").hidden = true);
  const kept = await device.kept("sends", account);
  if (!kept.some(({ state }) => state === "waiting")) location.reload();
}

if (list && account && "indexedDB" in window) {
  list.querySelector("[data-send]").addEventListener("click", () => sends.sendAll(true));
  show().catch(() => {});
}

// ---- the day as it was ----

if (keptAt) {
  const banner = document.getElementById("kept-day");
  const words = banner.querySelector("[data-from]");
  words.textContent = words.dataset.from.replace("{time}", timeOf(keptAt));
  banner.hidden = false;
  document.getElementById("toasts").replaceChildren(); // they were shown once, back then
  document.querySelectorAll("form[data-offline]").forEach(renewId); // the ids from back then can be taken
  window.addEventListener("online", showAnew);
}

if (day && "serviceWorker" in navigator) {
  const { worker, scope } = day.dataset;
  navigator.serviceWorker.register(worker, { scope, updateViaCache: "none" }).catch(() => {}); // the day works without it
  // A worker that has just started hasn't seen this page load.
  navigator.serviceWorker.ready.then(({ active }) => active.postMessage("keep the day"));
}
