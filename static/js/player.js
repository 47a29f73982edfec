// The player of a call: who speaks when, and a transcript that follows. Without this file, the browser's own player is
// used.

const STEP_SECONDS = 5;
const SPEEDS = [1, 1.25, 1.5, 2, 0.75];

class CallPlayer {
  constructor(root) {
    this.root = root;
    this.audio = root.querySelector("audio");
    this.duration = Number(root.dataset.duration) || 0;
    this.play = root.querySelector("[data-play]");
    this.seek = root.querySelector("[data-seek]");
    this.follow = root.querySelector("[data-follow]");
    this.playLabel = this.play.getAttribute("aria-label");
    this.turns = [...document.querySelectorAll("[data-transcript] [data-start]")];
    this.audio.hidden = true;
    root.querySelector("[data-controls]").hidden = false;
    this.listen();
    this.show();
  }

  listen() {
    this.audio.addEventListener("timeupdate", () => this.move());
    for (const name of ["play", "pause", "ended"]) this.audio.addEventListener(name, () => this.showState());
    this.audio.addEventListener("error", () => this.loadAgain());
    this.play.addEventListener("click", () => this.toggle());
    this.seek.addEventListener("input", () => this.goTo(Number(this.seek.value)));
    this.root.querySelector("[data-speed]").addEventListener("click", (event) => this.nextSpeed(event.currentTarget));
    this.follow?.addEventListener("click", () => {
      this.follow.setAttribute("aria-pressed", String(!this.isFollowing));
    });
    for (const button of this.root.querySelectorAll("[data-step]")) {
      button.addEventListener("click", this.steps[button.dataset.step]);
    }
    document.addEventListener("click", (event) => this.jump(event));
  }

  get isFollowing() {
    return this.follow?.getAttribute("aria-pressed") === "true";
  }

  toggle() {
    if (this.audio.paused) this.audio.play();
    else this.audio.pause();
  }

  goTo(seconds) {
    this.audio.currentTime = Math.min(Math.max(seconds, 0), this.duration);
    this.show();
  }

  nextSpeed(button) {
    const speed = SPEEDS[(SPEEDS.indexOf(this.audio.playbackRate) + 1) % SPEEDS.length];
    this.audio.playbackRate = speed;
    button.textContent = `${speed}×`;
    button.setAttribute("aria-label", `${button.dataset.label} ${speed}×`);
  }

  jump(event) {
    const link = event.target.closest("[data-jump], .finding a.ref");
    const turn = link && document.getElementById(link.hash.slice(1));
    if (turn?.dataset.start) this.goTo(Number(turn.dataset.start));
  }

  steps = {
    back: () => this.goTo(this.audio.currentTime - STEP_SECONDS),
    on: () => this.goTo(this.audio.currentTime + STEP_SECONDS),
    "evidence-back": () => this.toEvidence(-1),
    "evidence-on": () => this.toEvidence(1),
  };

  toEvidence(direction) {
    const now = this.audio.currentTime;
    const starts = this.turns.filter((turn) => turn.querySelector("[data-evidence]")).map((turn) => Number(turn.dataset.start));
    // half a second of slack, or "previous" would never leave the turn it has just reached
    const next = direction > 0 ? starts.find((start) => start > now + 0.5) : starts.findLast((start) => start < now - 0.5);
    if (next !== undefined) this.goTo(next);
  }

  move() {
    if (this.audio.currentTime > 0 && this.audio.currentTime !== this.at) this.isAgain = false;
    this.at = this.audio.currentTime || this.at;
    this.show();
  }

  show() {
    const now = this.audio.currentTime;
    this.seek.value = now;
    this.seek.setAttribute("aria-valuetext", this.seek.dataset.of.replace("{position}", clock(now)));
    this.root.querySelector("[data-position]").textContent = clock(now);
    this.root.querySelector("[data-played]")?.setAttribute("width", now);
    this.root.querySelector("[data-head]")?.setAttribute("x", now);
    this.markTurn(this.turns.findLast((turn) => Number(turn.dataset.start) <= now));
  }

  markTurn(turn) {
    if (turn === this.current) return;
    this.current?.removeAttribute("aria-current");
    this.current = this.audio.paused && this.audio.currentTime === 0 ? undefined : turn;
    this.current?.setAttribute("aria-current", "true");
    if (this.isFollowing && !this.audio.paused) this.current?.scrollIntoView({ block: "nearest" });
  }

  showState() {
    const name = this.audio.paused ? "play" : "pause";
    const label = this.audio.paused ? this.playLabel : this.play.dataset.pauseLabel;
    const use = this.play.querySelector("use");
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${name}`));
    this.play.setAttribute("aria-label", label);
    this.play.title = label;
  }

  /* The link to the stored audio can have expired; our address redirects to a new one. */
  loadAgain() {
    if (!this.at || this.isAgain) return this.giveUp();
    const wasPlaying = !this.audio.paused;
    this.isAgain = true;
    this.audio.load();
    this.audio.currentTime = this.at;
    if (wasPlaying) this.audio.play();
  }

  /* The browser's own player explains better why a recording can't be played. */
  giveUp() {
    this.audio.hidden = false;
    this.root.querySelector("[data-controls]").hidden = true;
  }
}

function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/* Also for parts of the page that are swapped in later. */
function start() {
  for (const root of document.querySelectorAll("[data-player]:not([data-started])")) {
    root.toggleAttribute("data-started", true);
    new CallPlayer(root);
  }
}

document.addEventListener("htmx:after:swap", start);
start();
