// Watches whether the upload is enough for a shared screen beside the camera.

/**
 * @import { Mesh } from "./mesh.js"
 * @import { Sfu } from "./sfu.js"
 */

const CHECK_INTERVAL = 2000; // ms
const CHECKS_UNTIL_SHORT = 5; // in a row, since a new connection begins slowly
const FEW_VIEWERS = 2; // of a screen; up to there a camera takes little beside it

/**
 * Return whether a screen is sent worse than wanted because there is too little upload, from the rows
 * of a report of its peer connection; `wanted` is its `maxBitrate`. What is limited by `wanted` itself
 * is not short.
 *
 * @param {Iterable<StatsRow>} rows
 * @param {number} wanted
 */
export function isLimited(rows, wanted) {
  const all = [...rows];
  const available = all
    .filter(({ type, nominated }) => type === "candidate-pair" && nominated)
    .map(({ availableOutgoingBitrate }) => availableOutgoingBitrate)
    .find((bitrate) => bitrate !== undefined);
  const isReduced = all.some(
    ({ type, qualityLimitationReason }) =>
      type === "outbound-rtp" && qualityLimitationReason === "bandwidth",
  );
  return isReduced && available !== undefined && available < wanted;
}

export class UploadWatch {
  #inARow = 0;
  #timer;

  /**
   * `connections` are a Mesh or a Sfu that share a screen; `isCameraOn` tells whether there is a camera
   * that could be turned off. `onShort` is called once.
   *
   * @param {object} options
   * @param {Pick<Mesh | Sfu, "sessions" | "screenPeers">} options.connections
   * @param {() => boolean} options.isCameraOn
   * @param {() => void} options.onShort
   */
  constructor({ connections, isCameraOn, onShort }) {
    this.connections = connections;
    this.isCameraOn = isCameraOn;
    this.onShort = onShort;
    this.#timer = setInterval(() => this.check(), CHECK_INTERVAL);
  }

  async check() {
    const mayHelp = this.isCameraOn() && this.connections.sessions.length > FEW_VIEWERS;
    this.#inARow = mayHelp && (await this.#isShort()) ? this.#inARow + 1 : 0;
    if (this.#inARow < CHECKS_UNTIL_SHORT) return;
    this.stop();
    this.onShort();
  }

  stop() {
    clearInterval(this.#timer);
  }

  /** Whether most of the connections that send the screen are limited. */
  async #isShort() {
    const peers = this.connections.screenPeers.filter((peer) => peer.isConnected);
    const limited = await Promise.all(
      peers.map(async (peer) => isLimited(await peer.report(), peer.videoLimit)),
    );
    return limited.filter(Boolean).length > peers.length / 2;
  }
}
