// A sound by which one hears which speaker is used, and how loud it is.

/** @import { Speaker } from "./speaker.js" */

const TONES = [523, 659, 784]; // Hz
const LENGTH = 0.25; // seconds of each tone
const VOLUME = 0.2; // of 1

/**
 * Play it.
 * @param {Speaker} speaker
 */
export async function playTestSound(speaker) {
  const context = new AudioContext();
  // By an element, since more browsers let a page choose the speaker of these.
  const output = new MediaStreamAudioDestinationNode(context);
  const element = Object.assign(new Audio(), { srcObject: output.stream });
  speaker.adopt(element);
  for (const [index, frequency] of TONES.entries()) {
    tone(context, frequency, context.currentTime + index * LENGTH).connect(output);
  }
  await element.play().catch(() => {});
  setTimeout(() => context.close(), (TONES.length + 2) * LENGTH * 1000);
}

/**
 * Return a tone that begins and ends softly.
 * @type {(context: AudioContext, frequency: number, begin: number) => AudioNode}
 */
function tone(context, frequency, begin) {
  const oscillator = new OscillatorNode(context, { frequency });
  const volume = new GainNode(context, { gain: 0 });
  volume.gain.setTargetAtTime(VOLUME, begin, 0.02);
  volume.gain.setTargetAtTime(0, begin + LENGTH / 2, 0.05);
  oscillator.start(begin);
  oscillator.stop(begin + 2 * LENGTH);
  return oscillator.connect(volume);
}
