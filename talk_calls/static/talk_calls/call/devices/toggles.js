// The buttons for microphone and camera, before and in the call.

import { text } from "../page/page.js";
import { problemKey } from "./names.js";
import { HELP } from "./notes.js";

const LABELS = {
  audio: { on: ["mute", "microphone"], off: ["unmute", "microphone-off"] },
  video: { on: ["camera-off", "camera"], off: ["camera-on", "camera-off"] },
};

/** `announce` is as in page.js; it tells why a device cannot be switched on. */
export function setUpToggles(media, announce) {
  const buttons = [...document.querySelectorAll("[data-toggle]")];
  const update = () => {
    for (const button of buttons) updateButton(button, media.isOn(button.dataset.toggle));
  };
  for (const button of buttons) {
    button.addEventListener("click", async () => {
      const kind = button.dataset.toggle;
      await media.toggle(kind);
      const problem = media.problem[kind];
      if (!media.wants[kind] || media.isOn(kind) || !problem) return;
      announce(problemKey(kind, problem));
      if (HELP[problem]) announce(HELP[problem]);
    });
  }
  media.addEventListener("change", update);
  update();
}

function updateButton(button, isOn) {
  const [label, icon] = LABELS[button.dataset.toggle][isOn ? "on" : "off"];
  button.querySelector(".label").textContent = text(label);
  button.querySelector("use").setAttribute("href", `#icon-${icon}`);
  button.classList.toggle("off", !isOn);
}
