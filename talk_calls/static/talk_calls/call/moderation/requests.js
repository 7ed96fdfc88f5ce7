// What a moderator asks of us; the server lets nobody else send such messages.

import { announce } from "../page/toasts.js";

/** @import { Media } from "../devices/media.js" */

export class Requests {
  /**
   * `nameOf` returns the name of a session.
   *
   * @param {{
   *   media: Media,
   *   nameOf: (session: string) => string,
   * }} options
   */
  constructor({ media, nameOf }) {
    this.media = media;
    this.nameOf = nameOf;
  }

  /**
   * Do what the moderator with the session `from` asks.
   *
   * @type {(action: string, from: string) => void}
   */
  take(action, from) {
    if (action === "forceMute") this.#mute();
    if (action === "askUnmute") this.#offerToUnmute(this.nameOf(from));
  }

  async #mute() {
    if (!this.media.isOn("audio")) return;
    await this.media.set("audio", false);
    announce("muted-by-moderator");
  }

  /**
   * Offer to unmute; only we ourselves switch our microphone on.
   *
   * @param {string} name
   */
  #offerToUnmute(name) {
    if (this.media.isOn("audio") || !this.media.allowed.audio) return;
    const run = () => {
      this.media.set("audio", true);
      document.querySelector("#toolbar [data-toggle=audio]").focus();
    };
    announce("unmute-request", { name }, { action: { key: "unmute", run } });
  }
}
