// The line that asks us to unmute, as a moderator wished; only we ourselves switch a microphone on.

import { keepFocus } from "../people/focus.js";
import { byId, text } from "../page/page.js";

export class UnmuteRequest {
  #media;

  constructor({ media }) {
    this.#media = media;
    byId("unmute").addEventListener("click", () => media.set("audio", true));
    byId("stay-muted").addEventListener("click", () => this.hide());
    media.addEventListener("change", () => media.isOn("audio") && this.hide());
  }

  /** Show who asks, unless our microphone is on already, or we may not speak. */
  show(name) {
    if (this.#media.isOn("audio") || !this.#media.allowed.audio) return;
    byId("unmute-request").hidden = false;
    // Into what is shown already, so that it is read aloud.
    byId("unmute-request-text").textContent = text("unmute-request", { name });
  }

  hide() {
    const heirs = () => [document.querySelector("#toolbar [data-toggle=audio]")];
    keepFocus(byId("unmute-request"), () => (byId("unmute-request").hidden = true), heirs);
    byId("unmute-request-text").textContent = "";
  }
}
