// Sends the pieces of a recording from this device in order, whichever page is open; its end follows once all of them
// are on the server. When they are sent: static/js/unsent.js; where they come from: static/js/recorder.js.
//
// A piece: { id, person, at, recording, page, about, to, number, seconds, sha256, bytes }; the end of a recording has
// parts and endedAt instead of the last four. `to` is the address it is sent to. A piece that doesn't fit on this
// device exists only in this tab until there is space, and `isSaved` tells the two apart. All tabs are notified of what
// happens to pieces: { recording, state, why }, with the state "sending", "waiting", "sent" (nothing is left, and the
// end hasn't come), "ended", "refused" or "gone" (discarded).

const PATIENCE_MS = 60_000; // a request that hangs this long counts as lost
const PIECE_SECONDS = 10; // for a piece without a length
const BYTES_A_SECOND = 5_000;
const SHARE = 0.8; // of the space that the browser reports as free
const ASKS = { Accept: "application/json", "HX-Request": "true", "HX-Request-Type": "full" };
const { account } = document.body.dataset;
const telling = "BroadcastChannel" in window ? new BroadcastChannel("pieces") : null;
const unsaved = new Map(); // by id
const refused = new Set();

window.pieces = {
  /* Store a piece; earlier pieces that didn't fit are tried again. */
  async keep(piece) {
    const kept = { ...piece, id: `${piece.recording}/${piece.number ?? "end"}`, person: account, at: Date.now() };
    unsaved.set(kept.id, kept);
    for (const one of [...unsaved.values()]) {
      const { bytes, ...rest } = one;
      try {
        await device.keep("parts", rest, bytes);
      } catch {
        return;
      }
      unsaved.delete(one.id);
    }
  },

  /* What is left of each recording, without bytes: { recording id: its pieces in order, then its end }. */
  async left() {
    const saved = await device.kept("parts", account).catch(() => []);
    const all = [...saved.map((piece) => ({ ...piece, isSaved: true })), ...unsaved.values()];
    all.sort((one, other) => (one.number ?? Infinity) - (other.number ?? Infinity));
    const recordings = new Map();
    for (const piece of all) recordings.set(piece.recording, [...(recordings.get(piece.recording) ?? []), piece]);
    return recordings;
  },

  /* The length of these pieces. */
  secondsOf(left) {
    return left.filter(({ number }) => number).reduce((sum, { seconds }) => sum + (seconds ?? PIECE_SECONDS), 0);
  },

  async bytesOf(piece) {
    return piece.bytes ?? (await device.bytesOf(piece.id));
  },

  /* Whether data would be lost with this tab. */
  get isAnyUnsaved() {
    return unsaved.size > 0;
  },

  /* How many minutes of audio fit on this device; null if the browser doesn't report it. */
  async minutesThatFit() {
    const { quota, usage } = (await navigator.storage?.estimate?.().catch(() => null)) ?? {};
    return quota ? Math.max(((quota - usage) * SHARE) / BYTES_A_SECOND / 60, 0) : null;
  },

  /* Mark a recording as being recorded by this tab, until the returned function is called or the tab is closed. */
  hold(recording) {
    let release;
    const held = new Promise((resolve) => (release = resolve));
    navigator.locks?.request(lockOf(recording), () => held);
    return release;
  },

  /* Return whether any tab of this browser is recording it. */
  async isHeld(recording) {
    const locks = await navigator.locks?.query();
    return locks?.held.some(({ name }) => name === lockOf(recording)) ?? false;
  },

  /* Return whether there is anything to send. Refused recordings are tried again only on request. */
  async isAnyLeft(isAskedFor) {
    if (isAskedFor) refused.clear();
    return [...(await pieces.left()).keys()].some((recording) => !refused.has(recording));
  },

  /* Send all pieces, except those of recordings that haven't begun. Returns false without a connection. */
  async send(token, unbegun) {
    for (const [recording, left] of await pieces.left()) {
      if (refused.has(recording) || unbegun.has(recording)) continue;
      if (!(await sendRecording(recording, left, token))) return false;
    }
    return true;
  },

  async drop({ id }) {
    unsaved.delete(id);
    await device.drop("parts", id).catch(() => {});
  },

  /* Delete everything left of a recording. */
  async forget(recording) {
    await Promise.all(((await pieces.left()).get(recording) ?? []).map(pieces.drop));
    refused.delete(recording);
    tell(recording, "gone");
  },
};

function lockOf(recording) {
  return `recording ${recording}`;
}

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

/* Returns null if the piece was accepted, otherwise the reason. Throws if it has to be sent again. */
async function post(piece, token) {
  const { to, number, sha256, parts, endedAt } = piece;
  const body = new FormData();
  const values = number ? { number, sha256, part: new Blob([await pieces.bytesOf(piece)]) } : { parts, ended_at: sends.momentOf(Date.parse(endedAt)) };
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

window.addEventListener("beforeunload", (event) => pieces.isAnyUnsaved && event.preventDefault());
telling?.addEventListener("message", ({ data }) => document.dispatchEvent(new CustomEvent("pieces:told", { detail: data })));
