// The form before the call: name, devices, and a preview of camera and microphone.

import { byId, text } from "../page/page.js";
import { remember, remembered } from "../page/storage.js";

const SELECTS = { audio: "microphone", video: "camera" };

export class Ready {
  #nameField = byId("name"); // null for somebody who is logged in

  constructor({ media, onJoin }) {
    this.media = media;
    if (this.#nameField) this.#nameField.value = remembered("name") ?? "";
    byId("ready-form").addEventListener("submit", (event) => {
      event.preventDefault();
      remember("name", this.name);
      onJoin();
    });
    for (const [kind, id] of Object.entries(SELECTS)) {
      byId(id).addEventListener("change", ({ target }) => media.choose(kind, target.value));
    }
    media.addEventListener("change", () => this.#update());
  }

  /** The name that a guest typed. */
  get name() {
    return this.#nameField?.value.trim() ?? "";
  }

  set name(name) {
    this.#nameField.value = name;
    remember("name", name);
  }

  showLevel(loudness) {
    byId("level").value = Math.min(1, loudness * 4);
  }

  async #update() {
    const { media } = this;
    // With a stream without tracks the browser would never report the page as loaded.
    byId("preview").srcObject = media.isOn("video") ? media.stream : null;
    byId("preview").hidden = !media.isOn("video");
    byId("preview-off").hidden = media.isOn("video");
    const problems = Object.keys(SELECTS)
      .map((kind) => media.problemKey(kind))
      .filter(Boolean);
    const items = problems.map((key) =>
      Object.assign(document.createElement("li"), { textContent: text(key) }),
    );
    byId("device-notes").replaceChildren(...items);
    for (const kind of Object.keys(SELECTS)) await this.#updateDevices(kind);
  }

  async #updateDevices(kind) {
    const select = byId(SELECTS[kind]);
    const devices = await this.media.devices(kind);
    const options = devices.map(({ label, deviceId }, index) => {
      return new Option(label || text(`${SELECTS[kind]}-number`, { number: index + 1 }), deviceId);
    });
    select.replaceChildren(...options);
    select.disabled = !devices.length;
    const used = this.media.track(kind)?.getSettings().deviceId ?? this.media.device[kind];
    if (devices.some(({ deviceId }) => deviceId === used)) select.value = used;
  }
}
