// The buttons for microphone and camera, before and in the call.

import { text } from "./page.js";

const LOOKS = {
  audio: { on: ["mute", "microphone"], off: ["unmute", "microphone-off"] },
  video: { on: ["camera-off", "camera"], off: ["camera-on", "camera-off"] },
};

export function wireToggles(media, announceProblem) {
  const buttons = [...document.querySelectorAll("[data-toggle]")];
  const look = () => {
    for (const button of buttons) dress(button, media.isOn(button.dataset.toggle));
  };
  for (const button of buttons) {
    button.addEventListener("click", async () => {
      const kind = button.dataset.toggle;
      await media.toggle(kind);
      if (media.wants[kind] && !media.isOn(kind)) announceProblem(media.complaint(kind));
    });
  }
  media.addEventListener("change", look);
  look();
}

function dress(button, isOn) {
  const [label, icon] = LOOKS[button.dataset.toggle][isOn ? "on" : "off"];
  button.querySelector(".label").textContent = text(label);
  button.querySelector("use").setAttribute("href", `#icon-${icon}`);
  button.classList.toggle("off", !isOn);
}
