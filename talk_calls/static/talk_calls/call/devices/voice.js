// Measures the loudness of our microphone, and detects speech.

const INTERVAL = 150; // ms
const THRESHOLD = 0.03; // of 1
const PAUSE = 900; // ms of silence after which speech has ended

export class Voice {
  #context = null;
  #source = null;
  #analyser = null;
  #samples = new Float32Array(512);
  #loudAt = -Infinity;
  #track = null;
  #isSpeaking = false;

  /** `onLevel` gets the loudness (0 to 1) at each interval, `onSpeaking` a boolean on changes. */
  constructor({ onLevel, onSpeaking }) {
    Object.assign(this, { onLevel, onSpeaking });
    setInterval(() => this.#measure(), INTERVAL);
  }

  /** Measure this track from now on, or none with null. */
  setTrack(track) {
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

  /** Start the audio context, which browsers allow only after a click on the page. */
  resume() {
    this.#context?.resume();
  }

  #measure() {
    const loudness = this.#source && this.#track.enabled ? this.#loudness() : 0;
    this.onLevel(loudness);
    const now = performance.now();
    if (loudness > THRESHOLD) this.#loudAt = now;
    const isSpeaking = now - this.#loudAt < PAUSE && Boolean(this.#track?.enabled);
    if (isSpeaking === this.#isSpeaking) return;
    this.#isSpeaking = isSpeaking;
    this.onSpeaking(isSpeaking);
  }

  #loudness() {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const sum = this.#samples.reduce((total, sample) => total + sample * sample, 0);
    return Math.sqrt(sum / this.#samples.length);
  }
}
