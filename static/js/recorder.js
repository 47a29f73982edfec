// Recording an appointment: pieces are stored on this device as they are recorded, and deleted once the server has them
// (static/js/pieces.js). Without this file, a recording made elsewhere is uploaded as one file.

const PIECE_MS = 10_000;
const LEAST_BYTES = 12; // the server recognizes the format by these bytes of the first piece (HEAD_BYTES, app/sound.py)
const LEAST_MINUTES = 2;
const LITTLE_MINUTES = 10;
const ROUND_MINUTES = 5;
const ENOUGH_MINUTES = 300; // longer than any appointment
const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
const NOT_STARTED = ["idle", "full", "denied", "unsupported"];
const NOTHING = "\u00a0"; // as tall as a line of text

class Recorder {
  constructor(root) {
    this.root = root;
    this.recording = root.dataset.recording;
    this.count = Number(root.dataset.arrived);
    this.keeping = Promise.resolve();
    this.head = new Blob();
    root.querySelector("[data-live]").hidden = false;
    this.on("start", () => this.start());
    this.on("stop", () => this.stop());
    this.on("again", () => this.send(true));
    this.on("save", () => this.save());
    document.addEventListener("pieces:told", ({ detail }) => detail.recording === this.recording && this.hear(detail));
    root.recorder = this;
    this.root.querySelector("[data-discard]")?.addEventListener("click", (event) => this.discard(event));
    window.addEventListener("beforeunload", (event) => this.isOn && event.preventDefault());
    window.addEventListener("pagehide", ({ persisted }) => (this.isLeft = !persisted));
    document.addEventListener("visibilitychange", () => this.isOn && this.stayAwake());
    setInterval(() => this.tick(), 1000);
    this.resume();
  }

  on(name, act) {
    this.root.querySelector(`[data-${name}]`).addEventListener("click", act);
  }

  /* Whether the recorder is one of several things on its page, so that the page isn't left. */
  get stays() {
    return "stays" in this.root.dataset;
  }

  /* Whether it hasn't ended. */
  get isOpen() {
    return ["idle", "full", "denied", "recording", "interrupted"].includes(this.state);
  }

  get isOn() {
    return this.media?.state === "recording" || this.media?.state === "paused";
  }

  /* Send first what a closed page has left behind; a new recording would be another file. */
  async resume() {
    const left = await this.left();
    const last = Math.max(0, ...left.filter((piece) => piece.number).map((piece) => piece.number));
    this.count = Math.max(this.count, last);
    this.seconds = this.count * (PIECE_MS / 1000); // approximate, for what another page has recorded
    if (await pieces.isHeld(this.recording)) this.show("elsewhere");
    else if (left.length > 0) {
      this.isResumed = true;
      this.show("left");
      this.send();
    } else if (this.count > 0) this.show("begun");
    else if (window.MediaRecorder && navigator.mediaDevices) {
      this.show("idle");
      await this.sayRoom();
    } else this.show("unsupported");
  }

  /* Show how much fits on this device, and whether that is enough to start. */
  async sayRoom() {
    const minutes = await pieces.minutesThatFit();
    const place = this.root.querySelector("[data-room]");
    const { words, little, least, unknown } = place.dataset;
    const rounded = Math.floor(minutes / ROUND_MINUTES) * ROUND_MINUTES;
    const known = rounded === 0 ? least : minutes < LITTLE_MINUTES ? little : minutes < ENOUGH_MINUTES ? words : "";
    const text = minutes === null ? unknown : known;
    place.textContent = text.replace("{minutes}", rounded.toLocaleString(document.documentElement.lang));
    return minutes === null || minutes >= LEAST_MINUTES;
  }

  async start() {
    if (!(await this.sayRoom())) return this.show("full");
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: false } });
    } catch {
      this.show("denied");
      return;
    }
    const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
    this.media = new MediaRecorder(this.stream, { ...(mimeType ? { mimeType } : {}), audioBitsPerSecond: 32_000 });
    this.media.addEventListener("dataavailable", ({ data }) => this.take(data));
    this.media.addEventListener("stop", () => this.end());
    this.media.addEventListener("error", () => this.stop());
    const [track] = this.stream.getAudioTracks();
    track.addEventListener("mute", () => this.show("interrupted")); // a phone call, or a locked screen
    track.addEventListener("unmute", () => this.isOn && this.show("recording"));
    track.addEventListener("ended", () => this.stop()); // the microphone was removed: what was recorded so far stays
    this.media.start(Number(this.root.dataset.piece) || PIECE_MS);
    this.startedAt = this.cutAt = Date.now();
    this.release = pieces.hold(this.recording);
    this.meter = meters.begin(this.root, this.stream);
    this.stayAwake();
    this.tick(); // immediately, not a second later above the button that the user is about to press
    this.show("recording");
    this.root.querySelector("[data-stop]").focus();
  }

  async stayAwake() {
    if (document.hidden) return;
    this.lock = await navigator.wakeLock?.request("screen").catch(() => null);
  }

  /* Pieces are handled in order: each number is assigned once, and stored with its piece before anything is sent. */
  take(cut) {
    if (cut.size === 0 || this.isGone) return;
    // If the microphone takes longer than a piece to start, Chromium cuts after the first byte: it waits for the rest.
    const data = new Blob([this.head, cut]);
    if (this.count === 0 && data.size < LEAST_BYTES) {
      this.head = data;
      return;
    }
    this.head = new Blob();
    const number = ++this.count;
    const seconds = (Date.now() - this.cutAt) / 1000;
    this.cutAt = Date.now();
    this.seconds += seconds;
    this.keeping = this.keeping.then(async () => {
      const bytes = await data.arrayBuffer();
      const sha256 = hex(await crypto.subtle.digest("SHA-256", bytes));
      if (this.isGone) return;
      await pieces.keep({ ...this.mark(this.root.dataset.parts), number, seconds, sha256, bytes });
      if (this.isGone) await pieces.forget(this.recording); // discarded while the piece was being stored
      else this.send();
    });
  }

  mark(to) {
    const { page, about } = this.root.dataset;
    return { recording: this.recording, page, about, to };
  }

  stop() {
    if (this.isOn) this.media.stop();
  }

  async end() {
    this.showPhase("stopped");
    this.lock?.release();
    this.meter?.end();
    this.release();
    this.stream.getTracks().forEach((track) => track.stop());
    const endedAt = new Date().toISOString();
    await this.keeping;
    if (this.isGone) return;
    if (this.isLeft) return; // the page was closed, and the user hasn't ended the recording
    // The end is stored too: it is sent once all pieces have arrived.
    if (this.count > 0) await pieces.keep({ ...this.mark(this.root.dataset.finish), parts: this.count, endedAt });
    else if (this.stays) return this.show("idle");
    else location.reload();
    this.show("sending");
    this.send();
  }

  async left() {
    return (await pieces.left()).get(this.recording) ?? [];
  }

  /* A recording that the server refuses can still be saved as a file. */
  async save() {
    const numbered = (await this.left()).filter(({ number }) => number);
    const address = URL.createObjectURL(new Blob(await Promise.all(numbered.map(pieces.bytesOf))));
    Object.assign(document.createElement("a"), { href: address, download: "recording" }).click();
    setTimeout(() => URL.revokeObjectURL(address), PIECE_MS);
  }

  /* Without scripts, the link leads to a page that asks the same. */
  async discard(event) {
    event.preventDefault();
    const { about, page } = this.root.dataset;
    const address = event.currentTarget.dataset.discard;
    const seconds = this.seconds + (this.isOn ? (Date.now() - this.cutAt) / 1000 : 0);
    const where = await discarding.ask({ recording: this.recording, about, seconds, address });
    if (where === null) return;
    await this.keeping.catch(() => {}); // a piece that is being stored would stay on the device
    location.assign(where || page);
  }

  async send(isAskedFor = false) {
    this.isRefused &&= !isAskedFor;
    await sends.sendAll(isAskedFor).catch(() => {});
    const left = await this.left();
    if (left.length > 0 && !this.isOn && ["sending", "left"].includes(this.state)) this.show(this.isRefused ? "refused" : "waiting");
    else this.say();
  }

  /* Handle an event about its pieces, from this page or another. */
  hear({ state, why }) {
    this.why = why;
    if (state === "refused") {
      this.isRefused = true;
      this.show("refused");
    }
    if (state === "gone") {
      this.isGone = true;
      this.stop();
    }
    if (state === "ended") {
      this.show("done");
      if (!this.stays) location.assign(this.root.dataset.page);
    } else if (state === "sent" && this.isResumed && !this.stays) location.reload(); // the reloaded page knows what can be ended
    else this.say();
  }

  show(state) {
    this.state = state;
    for (const words of this.root.querySelectorAll("[data-state]")) words.hidden = words.dataset.state !== state;
    this.showPhase(this.phase);
    this.root.querySelector("[data-start]").hidden = !["idle", "full", "denied"].includes(state);
    this.root.querySelector("[data-room]").hidden = !["idle", "denied"].includes(state);
    for (const ways of this.root.querySelectorAll("[data-interrupted]")) ways.hidden = !["begun", "refused"].includes(state);
    for (const way of this.root.querySelectorAll("[data-discard]")) way.hidden = state === "elsewhere";
    this.root.querySelector("[data-stop]").hidden = !this.isOn;
    this.root.querySelector("[data-again]").hidden = !["waiting", "refused"].includes(state);
    this.root.querySelector("[data-save]").hidden = state !== "refused";
    this.say();
  }

  /* An upload can be refused while the microphone is still on. */
  get phase() {
    if (this.state === "interrupted") return "paused";
    if (this.isOn || this.state === "elsewhere") return "running";
    return NOT_STARTED.includes(this.state) ? "not-started" : "stopped";
  }

  /* The page of a recording shows its phase beside its other facts, too. There, what the server knows stays as long as
     another device can be recording. */
  showPhase(phase) {
    this.root.dataset.now = phase;
    const isUnknown = [...NOT_STARTED, "begun"].includes(this.state);
    const page = isUnknown ? this.root : (this.root.closest("#recording") ?? this.root);
    for (const words of page.querySelectorAll("[data-phase]")) words.hidden = words.dataset.phase !== phase;
  }

  /* While recording, the line that shows what is left stays visible: the buttons below it must not move under a
     thumb. */
  async say() {
    const place = this.root.querySelector("[data-waiting]");
    place.hidden &&= !this.isOn;
    place.textContent ||= NOTHING;
    const left = await this.left();
    const saved = pieces.secondsOf(left.filter(({ isSaved }) => isSaved));
    place.hidden = saved === 0 && !this.isOn;
    place.textContent = saved === 0 ? NOTHING : place.dataset.words.replace("{time}", clock(Math.ceil(saved)));
    const unsaved = pieces.secondsOf(left.filter(({ isSaved }) => !isSaved));
    const warning = this.root.querySelector("[data-unsaved]");
    warning.hidden = unsaved === 0;
    const words = warning.querySelector("[data-words]");
    words.textContent = words.dataset.words.replace("{time}", clock(Math.ceil(unsaved)));
    this.root.querySelector("[data-why]").textContent = this.why ?? "";
  }

  tick() {
    if (!this.isOn) return;
    this.root.querySelector("[data-clock]").textContent = clock((Date.now() - this.startedAt) / 1000);
  }
}

function clock(length) {
  const seconds = Math.floor(length);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function hex(buffer) {
  return [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

window.recorders = { begin: (root) => new Recorder(root) };
document.querySelectorAll("[data-recorder]").forEach(recorders.begin);
