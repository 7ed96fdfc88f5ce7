// Measures the loudness of our microphone, and detects speech.

import { MutedSpeech } from "./muted-speech.js";

const INTERVAL = 150; // ms
const THRESHOLD = 0.03; // of 1
const PAUSE = 900; // ms of silence after which speech has ended

export class Voice {
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {MediaStreamAudioSourceNode | null} */
  #source = null;
  /** @type {AnalyserNode} */
  #analyser; // not there before the first track
  #samples = new Float32Array(512);
  #loudAt = -Infinity;
  /** @type {MediaStreamTrack | null} */
  #track = null;
  /** @type {MediaStreamTrack | null} */
  #copy = null; // of the track; it hears while the track is muted
  #isSpeaking = false;
  #mutedSpeech = new MutedSpeech();

  /**
   * `onLevel` gets the loudness (0 to 1) of what is sent at each interval, `onSpeaking` a boolean
   * on changes; `onMutedSpeech` is called when somebody speaks into a microphone that is off.
   * @param {object} options
   * @param {(loudness: number) => void} options.onLevel
   * @param {(isSpeaking: boolean) => void} options.onSpeaking
   * @param {() => void} options.onMutedSpeech
   */
  constructor({ onLevel, onSpeaking, onMutedSpeech }) {
    this.onLevel = onLevel;
    this.onSpeaking = onSpeaking;
    this.onMutedSpeech = onMutedSpeech;
    setInterval(() => this.#measure(), INTERVAL);
  }

  /**
   * Measure this track from now on, or none with null.
   * @param {MediaStreamTrack | null} track
   */
  setTrack(track) {
    if (track === this.#track) return;
    this.#track = track;
    this.#source?.disconnect();
    this.#copy?.stop();
    this.#source = this.#copy = null;
    this.#mutedSpeech.reset();
    if (!track) return;
    this.#context ??= new AudioContext();
    this.#analyser ??= new AnalyserNode(this.#context, { fftSize: this.#samples.length });
    this.#copy = track.clone();
    this.#copy.enabled = true;
    this.#source = this.#context.createMediaStreamSource(new MediaStream([this.#copy]));
    this.#source.connect(this.#analyser);
  }

  /** Start the audio context, which browsers allow only after a click on the page. */
  resume() {
    this.#context?.resume();
  }

  #measure() {
    const now = performance.now();
    const heard = this.#source ? this.#loudness() : 0;
    const isSent = Boolean(this.#track?.enabled);
    if (isSent) this.#mutedSpeech.reset();
    else if (this.#track && this.#mutedSpeech.isToBeTold(heard, now)) this.onMutedSpeech();
    const loudness = isSent ? heard : 0;
    this.onLevel(loudness);
    if (loudness > THRESHOLD) this.#loudAt = now;
    const isSpeaking = now - this.#loudAt < PAUSE && isSent;
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
