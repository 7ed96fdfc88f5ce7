// The buttons for microphone and camera, before and in the call.

import { text } from "../page/page.js";
import { problemKey } from "./names.js";
import { HELP } from "./notes.js";

/** @import { Media } from "./media.js" */

const LABELS = {
  audio: { on: ["mute", "microphone"], off: ["unmute", "microphone-off"] },
  video: { on: ["camera-off", "camera"], off: ["camera-on", "camera-off"] },
};

/**
 * @param {Media} media
 * @param {(key: string) => void} announce tells why a device cannot be switched on
 */
export function setUpToggles(media, announce) {
  const buttons = [...document.querySelectorAll("[data-toggle]")];
  const update = () => {
    for (const button of buttons) updateButton(button, media.isOn(kindOf(button)));
  };
  for (const button of buttons) {
    button.addEventListener("click", async () => {
      const kind = kindOf(button);
      await media.toggle(kind);
      const problem = media.problem[kind];
      if (!media.wants[kind] || media.isOn(kind) || !problem) return;
      announce(problemKey(kind, problem));
      const help = HELP[problem];
      if (help) announce(help);
    });
  }
  media.addEventListener("change", update);
  update();
}

/** @param {HTMLElement} button */
const kindOf = (button) => /** @type {MediaKind} */ (button.dataset.toggle);

/** @type {(button: HTMLElement, isOn: boolean) => void} */
function updateButton(button, isOn) {
  const [label, icon] = LABELS[kindOf(button)][isOn ? "on" : "off"];
  button.querySelector(".label").textContent = text(label);
  button.querySelector("use").setAttribute("href", `#icon-${icon}`);
  button.classList.toggle("off", !isOn);
}
