// The screen that we share.

import { SCREEN } from "../connections/quality.js";
import { byId } from "../page/page.js";
import { announce } from "../page/toasts.js";
import { label } from "./button.js";

export class OwnScreen {
  /** @type {MediaStream | null} */
  #stream = null;

  /**
   * `isAllowed` tells whether we may share now, `onStart` gets the stream to send.
   *
   * @param {object} options
   * @param {() => boolean} options.isAllowed
   * @param {(stream: MediaStream) => void} options.onStart
   * @param {() => void} options.onStop
   */
  constructor({ isAllowed, onStart, onStop }) {
    this.isAllowed = isAllowed;
    this.onStart = onStart;
    this.onStop = onStop;
    byId("share").addEventListener("click", () => (this.#stream ? this.stop() : this.#start()));
    byId("share").hidden = !navigator.mediaDevices.getDisplayMedia;
  }

  stop() {
    if (!this.#stream) return;
    stopTracks(this.#stream);
    this.#stream = null;
    this.onStop();
    label("share", "share", false);
  }

  async #start() {
    if (!this.isAllowed()) return announce("screen-not-allowed");
    const stream = await askForScreen();
    if (!stream) return;
    // The call, or our right to share, may have ended while the browser asked.
    if (!this.isAllowed()) return stopTracks(stream);
    this.#stream = stream;
    const [picture] = stream.getVideoTracks();
    picture.contentHint = "detail"; // rather fewer pictures than blurred text
    picture.onended = () => this.stop();
    this.onStart(stream);
    label("share", "unshare", true);
    announce("own-screen");
  }
}

/** Return the stream of a screen that the user chose, or null if they cancelled. */
async function askForScreen() {
  try {
    return await navigator.mediaDevices.getDisplayMedia({ video: SCREEN, audio: true });
  } catch {
    return null;
  }
}

/** @param {MediaStream} stream */
function stopTracks(stream) {
  for (const track of stream.getTracks()) track.stop();
}
