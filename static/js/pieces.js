// Pieces of a recording leave this device in order, from whatever page is open, and its end follows once all of them are
// on the server. When they are sent: static/js/unsent.js; where they come from: static/js/recorder.js.
//
// A piece: { id, person, at, recording, page, about, to, number, sha256, bytes }, and the end of a recording with parts
// and endedAt instead of the last three; `to` is where it is sent. What becomes of them is told to all tabs: { recording,
// state, why }, whose state is "sending", "waiting", "sent" (nothing is left, and the end has not come), "ended" or "refused".

const PATIENCE_MS = 60_000; // a send that hangs is taken for one that was lost
const ASKS = { Accept: "application/json", "HX-Request": "true", "HX-Request-Type": "full" };
const { account } = document.body.dataset;
const telling = "BroadcastChannel" in window ? new BroadcastChannel("pieces") : null;
const unkept = new Map(); // by id: there was no room on this device
const refused = new Set();

window.pieces = {
  async keep(piece) {
    const kept = { ...piece, id: `${piece.recording}/${piece.number ?? "end"}`, person: account, at: Date.now() };
    await device.keep("parts", kept).catch(() => unkept.set(kept.id, kept));
  },

  /* What is left of each recording: { recording id: its pieces in order, the end behind them }. */
  async left() {
    const kept = await device.kept("parts", account).catch(() => []);
    const all = [...kept, ...unkept.values()].sort((one, other) => (one.number ?? Infinity) - (other.number ?? Infinity));
    const recordings = new Map();
    for (const piece of all) recordings.set(piece.recording, [...(recordings.get(piece.recording) ?? []), piece]);
    return recordings;
  },

  /* Whether there is anything to send. What was refused is tried again only where somebody asks for it. */
  async isAnyLeft(isAskedFor) {
    if (isAskedFor) refused.clear();
    return [...(await pieces.left()).keys()].some((recording) => !refused.has(recording));
  },

  /* Send all but those of recordings that have not begun. False where there is no connection. */
  async send(token, unbegun) {
    for (const [recording, left] of await pieces.left()) {
      if (refused.has(recording) || unbegun.has(recording)) continue;
      if (!(await sendRecording(recording, left, token))) return false;
    }
    return true;
  },

  async drop({ id }) {
    unkept.delete(id);
    await device.drop("parts", id).catch(() => {});
  },
};

async function sendRecording(recording, left, token) {
  for (const piece of left) {
    let why;
    try {
      why = await post(piece, token);
    } catch {
      tell(recording, "waiting");
      return false;
    }
    if (why !== null) {
      refused.add(recording);
      tell(recording, "refused", why);
      return true;
    }
    await pieces.drop(piece);
    tell(recording, piece.number ? "sending" : "ended");
  }
  if (left.at(-1).number) tell(recording, "sent");
  return true;
}

/* Null once it is taken, else why it is not. Throws where it has to be sent again. */
async function post({ to, number, sha256, bytes, parts, endedAt }, token) {
  const body = new FormData();
  const values = number ? { number, sha256, part: new Blob([bytes]) } : { parts, ended_at: endedAt };
  Object.entries(values).forEach(([name, value]) => body.append(name, value));
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const answer = await fetch(to, { method: "POST", body, headers: { ...ASKS, "X-CSRFToken": token }, redirect: "manual", signal });
  if (!answer.headers.has("X-Answered-By")) throw new TypeError("something on the way answered instead");
  if (answer.ok) return null;
  if ([401, 408, 429].includes(answer.status) || answer.status >= 500) throw new TypeError("not now");
  return (await answer.json().catch(() => ({}))).error?.message ?? `${answer.status}`;
}

function tell(recording, state, why) {
  const detail = { recording, state, why };
  document.dispatchEvent(new CustomEvent("pieces:told", { detail }));
  telling?.postMessage(detail);
}

telling?.addEventListener("message", ({ data }) => document.dispatchEvent(new CustomEvent("pieces:told", { detail: data })));
