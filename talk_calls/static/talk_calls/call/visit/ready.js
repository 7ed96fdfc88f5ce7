// The form before the call: the guest's name, and a preview of the camera.

import { byId } from "../page/page.js";
import { remember, remembered } from "../page/storage.js";

/** @import { Media } from "../devices/media.js" */

export class Ready {
  /** @type {HTMLInputElement | null} */
  #nameField = byId("name"); // null for somebody who is logged in

  /** @param {{ media: Media, onJoin: () => void }} options */
  constructor({ media, onJoin }) {
    if (this.#nameField) this.#nameField.value = remembered("name") ?? "";
    byId("ready-form").addEventListener("submit", (event) => {
      event.preventDefault();
      remember("name", this.name);
      onJoin();
    });
    media.addEventListener("change", () => showPreview(media));
  }

  /** The name that a guest typed. */
  get name() {
    return this.#nameField?.value.trim() ?? "";
  }

  set name(name) {
    if (this.#nameField) this.#nameField.value = name;
    remember("name", name);
  }
}

/** @param {Media} media */
function showPreview(media) {
  // With a stream without tracks the browser would never report the page as loaded.
  byId("preview").srcObject = media.isOn("video") ? media.stream : null;
  byId("preview").hidden = !media.isOn("video");
  byId("preview-off").hidden = media.isOn("video");
}
