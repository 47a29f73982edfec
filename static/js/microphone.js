// How loud the microphone is while it records: a level, and a warning if nothing is heard, such as from a muted one.
// Used by recorder.js.

const EVERY_MS = 100;
const CALM_MS = 1000; // for those who don't want things to move
const LAPSE_MS = 1000; // the tab was suspended or slowed down, and nobody listened in between
const UNHEARD_MS = 5000;
const PAUSES = 6; // people who have spoken can be silent this many times longer
const LEAST = 0.002; // louder than a muted microphone, and softer than a quiet room
const DECIBELS = 60;

class Meter {
  constructor(root, stream, context) {
    this.place = root.querySelector("[data-meter]");
    this.level = root.querySelector("[data-level]");
    this.warning = root.querySelector("[data-unheard]");
    this.patience = Number(root.dataset.patience) || UNHEARD_MS;
    [this.track] = stream.getAudioTracks();
    this.context = context;
    // Its samples, a power of two, last longer than EVERY_MS, so that nothing is missed.
    const fftSize = 2 ** Math.ceil(Math.log2((context.sampleRate * EVERY_MS) / 1000));
    this.analyser = new AnalyserNode(context, { fftSize });
    context.createMediaStreamSource(stream).connect(this.analyser);
    this.samples = new Float32Array(fftSize);
    this.isHeard = false;
    this.checkedAt = this.heardAt = this.soundAt = Date.now();
    this.drawnAt = 0;
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.place.hidden = false;
    this.timer = setInterval(() => this.hear(), EVERY_MS);
  }

  /* A microphone that the system has taken away for a call isn't expected to hear anything, and the recorder says so.
     The system stops the context with it, and doesn't start it again. */
  hear() {
    const now = Date.now();
    const isRunning = this.context.state === "running";
    const isListening = isRunning && !this.track.muted;
    if (!isRunning) this.context.resume().catch(() => {}); // not possible yet
    this.analyser.getFloatTimeDomainData(this.samples);
    const peak = this.samples.reduce((loudest, sample) => Math.max(loudest, Math.abs(sample)), 0);
    if (!isListening || now - this.checkedAt > LAPSE_MS) this.heardAt = this.soundAt = now;
    this.checkedAt = now;
    if (isListening) this.note(peak, now);
    this.warning.hidden = !this.isSilent(now);
    this.place.classList.toggle("is-idle", !isListening);
    if (this.calm.matches && now - this.drawnAt < CALM_MS) return;
    this.drawnAt = now;
    this.level.setAttribute("width", 100 * Math.max(0, 1 + (20 * Math.log10(peak)) / DECIBELS));
  }

  note(peak, now) {
    if (peak > 0) this.soundAt = now;
    if (peak <= LEAST) return;
    this.heardAt = now;
    this.isHeard = true;
  }

  /* Noise suppression makes pauses almost silent. No sound at all comes from a microphone that is muted. */
  isSilent(now) {
    const patience = this.patience * (this.isHeard ? PAUSES : 1);
    return now - this.heardAt >= patience || now - this.soundAt >= this.patience;
  }

  end() {
    clearInterval(this.timer);
    this.context.close();
    this.place.hidden = true;
    this.warning.hidden = true;
  }
}

window.meters = {
  /* A browser that can't measure the sound still records it: Firefox can't if the microphone has another sample rate. */
  begin(root, stream) {
    let context = null;
    try {
      context = new AudioContext();
      return new Meter(root, stream, context);
    } catch {
      context?.close();
      return null;
    }
  },
};
