// Notices that a device gives nothing although it is on: a camera that froze, a muted headset.

/** @import { Media } from "./media.js" */

const CHECK_INTERVAL = 3000; // ms
const PATIENCE = 2; // checks in a row

export class Stalls {
  #media;
  #onStalled;
  #counts = { audio: 0, video: 0 };
  /** @type {WeakSet<MediaStreamTrack>} */
  #told = new WeakSet();
  /** @type {{ track: MediaStreamTrack | null, number: number | null }} */
  #frames = { track: null, number: 0 };

  /**
   * `onStalled` gets a kind, once for each track.
   * @param {Media} media
   * @param {(kind: MediaKind) => void} onStalled
   */
  constructor(media, onStalled) {
    this.#media = media;
    this.#onStalled = onStalled;
    setInterval(() => this.check(), CHECK_INTERVAL);
  }

  check() {
    for (const kind of /** @type {const} */ (["audio", "video"])) {
      const track = this.#media.track(kind);
      const isStalled = track?.enabled && (track.muted || this.#isFrozen(track));
      this.#counts[kind] = isStalled ? this.#counts[kind] + 1 : 0;
      if (!track || this.#counts[kind] < PATIENCE || this.#told.has(track)) continue;
      this.#told.add(track);
      this.#onStalled(kind);
    }
  }

  /**
   * Return whether no picture came since the last check, where the browser counts them.
   * @param {MediaStreamTrack} track
   */
  #isFrozen(track) {
    if (track.kind !== "video") return false;
    const number = framesOf(track);
    const isSame = this.#frames.track === track && this.#frames.number === number;
    this.#frames = { track, number };
    return number !== null && isSame;
  }
}

/** @param {MediaStreamTrack & { stats?: { totalFrames?: number } }} track */
function framesOf(track) {
  try {
    return track.stats?.totalFrames ?? null;
  } catch {
    return null; // no track of a camera
  }
}
