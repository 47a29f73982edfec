// Recording a visit: pieces are kept on this device as they come, and leave it once the server has them. Without this
// file a recording that was made elsewhere is sent as one file.

const PIECE_MS = 10_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
const LATEST_AT_ONCE_MS = 60_000; // a send that hangs is taken for one that was lost

class Recorder {
  constructor(root) {
    this.root = root;
    this.person = document.body.dataset.account;
    this.recording = root.dataset.recording;
    this.count = Number(root.dataset.arrived);
    this.wait = FIRST_WAIT_MS;
    this.keeping = Promise.resolve();
    root.querySelector("[data-live]").hidden = false;
    this.on("start", () => this.start());
    this.on("stop", () => this.stop());
    this.on("again", () => this.send());
    window.addEventListener("online", () => this.send());
    window.addEventListener("beforeunload", (event) => this.isOn && event.preventDefault());
    document.addEventListener("visibilitychange", () => this.isOn && this.stayAwake());
    setInterval(() => this.tick(), 1000);
    this.resume();
  }

  on(name, act) {
    this.root.querySelector(`[data-${name}]`).addEventListener("click", act);
  }

  get isOn() {
    return this.media?.state === "recording" || this.media?.state === "paused";
  }

  /* What a page that was closed has left behind goes first; a new recording would be another file. */
  async resume() {
    const left = await this.left();
    const last = Math.max(0, ...left.filter((piece) => piece.number).map((piece) => piece.number));
    this.count = Math.max(this.count, last);
    if (left.length > 0) {
      this.isResumed = true;
      this.show("left");
      this.send();
    } else if (this.count > 0) this.show("begun");
    else this.show(window.MediaRecorder && navigator.mediaDevices ? "idle" : "unsupported");
  }

  async start() {
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
    track.addEventListener("mute", () => this.show("interrupted")); // somebody calls, or the screen is locked
    track.addEventListener("unmute", () => this.isOn && this.show("recording"));
    track.addEventListener("ended", () => this.stop()); // the microphone was taken away: what there is stays
    this.media.start(Number(this.root.dataset.piece) || PIECE_MS);
    this.startedAt = Date.now();
    this.stayAwake();
    this.show("recording");
    this.root.querySelector("[data-stop]").focus();
  }

  async stayAwake() {
    if (document.hidden) return;
    this.lock = await navigator.wakeLock?.request("screen").catch(() => null);
  }

  /* In order, one after the other: a number is given once, and kept with its piece before anything is sent. */
  take(data) {
    if (data.size === 0) return;
    const number = ++this.count;
    this.keeping = this.keeping.then(async () => {
      const bytes = await data.arrayBuffer();
      const piece = { number, sha256: hex(await crypto.subtle.digest("SHA-256", bytes)), bytes };
      try {
        await device.keep("parts", { ...this.mark(number), ...piece });
      } catch {
        (this.unkept ??= []).push({ ...this.mark(number), ...piece }); // no room on this device: it is sent at once
      }
      this.send();
    });
  }

  mark(name) {
    return { id: `${this.recording}/${name}`, recording: this.recording, person: this.person, at: Date.now() };
  }

  stop() {
    if (this.isOn) this.media.stop();
  }

  async end() {
    this.lock?.release();
    this.stream.getTracks().forEach((track) => track.stop());
    this.stoppedAt = new Date().toISOString();
    await this.keeping;
    await this.close(this.stoppedAt);
  }

  /* That there is no more is kept too: it is told once all pieces have arrived. */
  async close(endedAt) {
    await device.keep("parts", { ...this.mark("end"), parts: this.count, endedAt }).catch(() => {});
    this.closing = { parts: this.count, endedAt };
    this.show("sending");
    this.send();
  }

  async left() {
    const kept = await device.kept("parts", this.person).catch(() => []);
    return [...kept, ...(this.unkept ?? [])].filter((piece) => piece.recording === this.recording);
  }

  async send() {
    if (this.sending) {
      this.again = true;
      return;
    }
    this.sending = true;
    clearTimeout(this.timer);
    try {
      do {
        this.again = false;
        await this.sendAll();
      } while (this.again);
      this.wait = FIRST_WAIT_MS;
    } catch (refused) {
      this.refuse(refused);
    } finally {
      this.sending = false;
    }
  }

  async sendAll() {
    const left = await this.left();
    for (const piece of left.filter(({ number }) => number).sort((one, other) => one.number - other.number)) {
      await this.post(this.root.dataset.parts, {
        number: piece.number,
        sha256: piece.sha256,
        part: new Blob([piece.bytes]),
      });
      this.unkept = this.unkept?.filter(({ id }) => id !== piece.id);
      await device.drop("parts", piece.id).catch(() => {});
      this.say();
    }
    const end = left.find(({ parts }) => parts) ?? this.closing;
    if (!end) {
      if (this.isResumed) location.reload(); // the page knows now how much there is to end with
      return;
    }
    if (end.parts) await this.post(this.root.dataset.finish, { parts: end.parts, ended_at: end.endedAt });
    await device.drop("parts", `${this.recording}/end`).catch(() => {});
    this.closing = null;
    this.show("done");
    location.assign(this.root.dataset.page);
  }

  async post(address, values) {
    const body = new FormData();
    for (const [name, value] of Object.entries(values)) body.append(name, value);
    const { "X-CSRFToken": token } = JSON.parse(document.body.getAttribute("hx-headers:inherited"));
    const answer = await fetch(address, {
      method: "POST",
      body,
      headers: { Accept: "application/json", "X-CSRFToken": token },
      signal: AbortSignal.timeout(LATEST_AT_ONCE_MS),
    });
    const told = await answer.json(); // what is no JSON comes from somebody on the way: a hotel's sign-in page
    if (told.error) throw new Refused(answer.status, told.error.message);
    if (!Array.isArray(told.parts)) throw new TypeError("something on the way answered instead");
  }

  /* A connection that was lost and a server that is busy pass; whatever else is refused stays here and is said. */
  refuse(refused) {
    const passes = !(refused instanceof Refused) || refused.status >= 500 || [408, 429].includes(refused.status);
    if (!passes) {
      this.why = refused.message;
      this.show(refused.status === 401 ? "signed-out" : "refused");
      return;
    }
    if (!this.isOn) this.show("waiting");
    this.timer = setTimeout(() => this.send(), this.wait);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
    this.say();
  }

  show(state) {
    this.state = state;
    for (const words of this.root.querySelectorAll("[data-state]")) words.hidden = words.dataset.state !== state;
    this.root.querySelector("[data-start]").hidden = state !== "idle" && state !== "denied";
    this.root.querySelector("[data-stop]").hidden = !this.isOn;
    this.root.querySelector("[data-again]").hidden = !["waiting", "refused", "signed-out"].includes(state);
    this.root.classList.toggle("is-recording", this.isOn);
    this.say();
  }

  async say() {
    const waiting = (await this.left()).filter(({ number }) => number).length;
    const place = this.root.querySelector("[data-waiting]");
    place.hidden = waiting === 0;
    place.textContent = place.dataset.words.replace("{count}", waiting);
    this.root.querySelector("[data-why]").textContent = this.why ?? "";
  }

  tick() {
    if (!this.isOn) return;
    const seconds = Math.floor((Date.now() - this.startedAt) / 1000);
    const clock = this.root.querySelector("[data-clock]");
    clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
}

class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

function hex(buffer) {
  return [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

document.querySelectorAll("[data-recorder]").forEach((root) => new Recorder(root));
