// How loud we are, and whether that is speaking.

const INTERVAL = 150; // ms
const LOUD = 0.03; // of 1
const HOLD = 900; // ms of silence that still belong to a sentence

export class Voice {
  #context = null;
  #source = null;
  #analyser = null;
  #samples = new Float32Array(512);
  #spokeAt = -Infinity;
  #track = null;

  isSpeaking = false;

  /** `onLevel` hears the loudness all the time, `onSpeaking` only of changes. */
  constructor({ onLevel, onSpeaking }) {
    Object.assign(this, { onLevel, onSpeaking });
    setInterval(() => this.#measure(), INTERVAL);
  }

  /** Listen to this track from now on, or to none. */
  listen(track) {
    if (track === this.#track) return;
    this.#track = track;
    this.#source?.disconnect();
    this.#source = null;
    if (!track) return;
    this.#context ??= new AudioContext();
    this.#analyser ??= new AnalyserNode(this.#context, { fftSize: this.#samples.length });
    this.#source = this.#context.createMediaStreamSource(new MediaStream([track]));
    this.#source.connect(this.#analyser);
  }

  /** A browser lets us listen only after somebody did something on the page. */
  wake() {
    this.#context?.resume();
  }

  #measure() {
    const loudness = this.#source && this.#track.enabled ? this.#loudness() : 0;
    this.onLevel(loudness);
    const now = performance.now();
    if (loudness > LOUD) this.#spokeAt = now;
    const isSpeaking = now - this.#spokeAt < HOLD && Boolean(this.#track?.enabled);
    if (isSpeaking === this.isSpeaking) return;
    this.isSpeaking = isSpeaking;
    this.onSpeaking(isSpeaking);
  }

  #loudness() {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const sum = this.#samples.reduce((total, sample) => total + sample * sample, 0);
    return Math.sqrt(sum / this.#samples.length);
  }
}
