// Sends our screen to the call, and watches whether the upload is enough for it.

import { UploadWatch } from "../connections/upload.js";
import { announce } from "../page/toasts.js";
import { OwnScreen } from "./own-screen.js";

/**
 * @import { CallConnections } from "../connections/connect.js"
 * @import { Media } from "../devices/media.js"
 */

export class ScreenSharing {
  /** @type {UploadWatch | null} */
  #uploadWatch = null; // while we share
  #screen;

  /**
   * `connections` returns those of the running call; `isAllowed` tells whether we may share now.
   *
   * @param {{
   *   media: Media,
   *   connections: () => CallConnections | null,
   *   isAllowed: () => boolean,
   * }} options
   */
  constructor({ media, connections, isAllowed }) {
    this.media = media;
    this.connections = connections;
    this.#screen = new OwnScreen({
      isAllowed,
      onStart: (stream) => this.#share(stream),
      onStop: () => this.#unshare(),
    });
  }

  stop() {
    this.#screen.stop();
  }

  /** @param {MediaStream} stream */
  #share(stream) {
    const connections = this.connections();
    if (!connections) return;
    connections.share(stream);
    this.#uploadWatch = new UploadWatch({
      connections,
      isCameraOn: () => this.media.isOn("video"),
      onShort: () => this.#offerCameraOff(),
    });
  }

  #unshare() {
    this.#uploadWatch?.stop();
    this.connections()?.unshare();
  }

  /** Nothing is turned off silently: people decide whether their face or their screen matters. */
  #offerCameraOff() {
    const run = () => this.media.set("video", false);
    announce("upload-short", {}, { action: { key: "camera-off", run } });
  }
}
