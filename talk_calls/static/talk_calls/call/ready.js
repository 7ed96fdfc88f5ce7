// Before the call: name, devices, and how one looks and sounds.

import { byId, text } from "./page.js";

const SELECTS = { audio: "microphone", video: "camera" };
const NAME = "talk_calls.name"; // in the browser's own storage

export class Ready {
  #field = byId("name"); // null for somebody who is logged in

  constructor({ media, onJoin }) {
    this.media = media;
    if (this.#field) this.#field.value = stored();
    byId("ready-form").addEventListener("submit", (event) => {
      event.preventDefault();
      store(this.name);
      onJoin();
    });
    for (const [kind, id] of Object.entries(SELECTS)) {
      byId(id).addEventListener("change", ({ target }) => media.choose(kind, target.value));
    }
    media.addEventListener("change", () => this.#look());
  }

  /** What a guest wants to be called. */
  get name() {
    return this.#field?.value.trim() ?? "";
  }

  level(loudness) {
    byId("level").value = Math.min(1, loudness * 4);
  }

  async #look() {
    const { media } = this;
    // A stream without tracks would keep the browser waiting for the page.
    byId("preview").srcObject = media.isOn("video") ? media.stream : null;
    byId("preview").hidden = !media.isOn("video");
    byId("preview-off").hidden = media.isOn("video");
    const notes = Object.keys(SELECTS)
      .map((kind) => media.complaint(kind))
      .filter(Boolean);
    const items = notes.map((key) =>
      Object.assign(document.createElement("li"), { textContent: text(key) }),
    );
    byId("device-notes").replaceChildren(...items);
    for (const kind of Object.keys(SELECTS)) await this.#list(kind);
  }

  async #list(kind) {
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

function stored() {
  try {
    return localStorage.getItem(NAME) ?? "";
  } catch {
    return ""; // a browser may forbid it
  }
}

function store(name) {
  try {
    localStorage.setItem(NAME, name);
  } catch {
    // then it is typed again
  }
}
