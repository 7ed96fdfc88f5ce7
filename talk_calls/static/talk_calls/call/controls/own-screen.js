// The screen that we share.

import { byId } from "../page/page.js";
import { announce } from "../page/toasts.js";
import { label } from "./button.js";

export class OwnScreen {
  #stream = null;

  /** `isAllowed` tells whether we may share now, `onStart` gets the stream to send. */
  constructor({ isAllowed, onStart, onStop }) {
    Object.assign(this, { isAllowed, onStart, onStop });
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
    stream.getVideoTracks()[0].onended = () => this.stop();
    this.onStart(stream);
    label("share", "unshare", true);
    announce("own-screen");
  }
}

/** Return the stream of a screen that the user chose, or null if they cancelled. */
async function askForScreen() {
  try {
    return await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: 15 }, audio: true });
  } catch {
    return null;
  }
}

function stopTracks(stream) {
  for (const track of stream.getTracks()) track.stop();
}
