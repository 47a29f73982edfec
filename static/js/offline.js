// The rep's day without a connection: what is filled in is kept on the device, shown with its state, and sent later
// (static/js/unsent.js); the service worker shows the day as it was (static/js/worker.js).

const TYPED_INTO = ":is(input:not([type=hidden]), select, textarea)";
const { account, keptAt } = document.body.dataset;
const day = document.querySelector("[data-worker]");
const list = document.getElementById("unsent");
const one = document.getElementById("unsent-one");
const here = document.getElementById("recording-here");
const busy = new Set(); // forms that are on their way
const passing = new Map(); // what is being sent, and what has been, by id: neither stands in the store
const told = new Map(); // the last that was told of a recording whose pieces are sent

// ---- a form that cannot be sent is kept ----

document.addEventListener(
  "submit",
  async (event) => {
    const { target: form, submitter } = event;
    if (!form.matches("[data-offline]") || event.defaultPrevented || !list) return;
    event.preventDefault(); // so that static/js/forms.js does not take it for sent
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
  form.dispatchEvent(new Event("reset", { bubbles: true })); // it is no unsaved change any more
  const address = sends.leadsTo(answer);
  if (address) location.assign(address);
  else form.submit(); // the page of the answer says what is wrong, beside what was typed
}

/* Whether nothing is left of the recording after which the form comes. */
async function isFree({ dataset: { after } }) {
  if (!after) return true;
  await sends.sendAll(true).catch(() => {});
  return !(await pieces.left()).has(after);
}

/* None without a connection. A page from the device has the token of a session that may have ended: see `keep`. */
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

/* What was typed, or the words of what was chosen. */
function wordsIn(field) {
  if (field.type !== "radio") return field.value.trim();
  return field.checked ? field.labels[0].textContent.trim() : "";
}

/* A recording that begins with this form: its id, and its page. */
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
  sends.sendAll().catch(() => {}); // it may have been one bad moment
}

/* The recorder stands apart from its form, which may go while the visit is recorded. Its first piece follows the answer
   that is kept (static/js/unsent.js). */
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

/* What is written next in the same form is another row. */
function renewId(form) {
  const id = form.elements.row_id;
  if (id && crypto.randomUUID) id.value = crypto.randomUUID();
}

// ---- what is kept, and its state ----

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

/* All of it in one line; what was refused needs somebody to look at it. */
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

/* The recording that has not ended by what the page knows: another tab may be making it, or its end be on its way. */
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

/* Once it is said what came of the visit on the card: the first after it of which nothing is said. */
function showNext(waiting) {
  const place = document.getElementById("later");
  if (!place) return;
  const isSaid = waiting.includes(document.querySelector(".next-visit [data-once]")?.dataset.once);
  const next = isSaid && [...document.querySelectorAll("[data-later]")].find((visit) => !waiting.includes(visit.dataset.later));
  place.hidden = !next;
  if (!next) return place.replaceChildren();
  if (place.dataset.of === next.dataset.later && place.hasChildNodes()) return; // somebody may be typing there
  place.dataset.of = next.dataset.later;
  const token = document.querySelector("input[name=csrf_token]").value; // the page may be older than its session
  place.replaceChildren(next.content.cloneNode(true));
  place.querySelectorAll("form").forEach((form) => {
    form.elements.csrf_token.value = token;
    renewId(form);
  });
}

/* The pieces of a recording, as one thing that is unsent. */
function asSend([id, left]) {
  const [{ at, about, page }] = left;
  const { state, why } = told.get(id) ?? {};
  const entered = [lengthOf(left, true), lengthOf(left, false)].filter(Boolean).join(" ");
  return { id, at, about, page, left, entered, label: list.dataset.recording, state: state ?? "waiting", why };
}

/* How much of it this device keeps, or has no room for. */
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

/* Of pieces that wait it is said how many are kept, and how many are not. */
function wordsOf(state, { why, left }) {
  return state === "waiting" && left ? "" : list.dataset[state].replace("{why}", why ?? "");
}

/* With its day, unless that is today. */
function timeOf(moment) {
  const at = new Date(moment);
  const isToday = at.toDateString() === new Date().toDateString();
  return at.toLocaleString(document.documentElement.lang, { dateStyle: isToday ? undefined : "medium", timeStyle: "short" });
}

/* The page of the visit or the contact: its forms are sent to addresses below. */
function pageOf({ action }) {
  return action.replace(/\/[^/]+$/, "");
}

/* A recording is asked about first. One that has not begun for the server goes with the answer that begins it. */
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

/* All that was left of the recording on the card has arrived; what a tab makes arrives piece by piece. */
async function showArrived(recording) {
  const isOnCard = document.querySelector("[data-open-recording]")?.dataset.openRecording === recording;
  if (isOnCard && !(await pieces.isHeld(recording))) showAnew();
}

/* The day has changed, by what was sent or before it came. What is being typed keeps the page. */
async function showAnew() {
  const isTyped = [...document.querySelectorAll(`main form ${TYPED_INTO}`)].some((one) => one.value !== (one.defaultValue ?? one.value));
  if (isTyped || busy.size > 0 || document.querySelector("dialog[open]")) return;
  // What is recorded here keeps the page too, which is connected all the same.
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
  document.getElementById("toasts").replaceChildren(); // said once, then
  document.querySelectorAll("form[data-offline]").forEach(renewId); // the ids of then may be taken
  window.addEventListener("online", showAnew);
}

if (day && "serviceWorker" in navigator) {
  const { worker, scope } = day.dataset;
  navigator.serviceWorker.register(worker, { scope, updateViaCache: "none" }).catch(() => {}); // the day goes on without
  // One that has just begun has not seen this page come.
  navigator.serviceWorker.ready.then(({ active }) => active.postMessage("keep the day"));
}
