// Puts the page together.

import { Api } from "./api.js";
import { Call } from "./call.js";
import { Media } from "./media.js";
import { announce, byId, config } from "./page.js";
import { Ready } from "./ready.js";
import { wireToggles } from "./toggles.js";
import { current, show } from "./views.js";
import { Visit } from "./visit.js";
import { Voice } from "./voice.js";

// From where one goes straight back into the call.
const BACK_IN = new Set(["left", "ended", "replaced", "away"]);

if (isSecureContext && globalThis.RTCPeerConnection && navigator.mediaDevices) start();
else show("unsupported");

function start() {
  const api = new Api(config);
  const media = new Media();
  const ready = new Ready({ media, onJoin: () => visit.enter() });
  const ownName = () => config.name ?? ready.name;
  const call = new Call({ api, media, ownName });
  const visit = new Visit({ api, media, call, guestName: () => ready.name });
  const voice = new Voice({
    onLevel: (loudness) => ready.level(loudness),
    onSpeaking: (isSpeaking) => call.speak(isSpeaking),
  });

  wireToggles(media, (problem) => problem && announce(problem));
  media.addEventListener("change", () => voice.listen(media.track("audio")));
  addEventListener("click", () => voice.wake());

  byId("leave").addEventListener("click", () => visit.leave());
  byId("consent").addEventListener("click", () => visit.enter({ consents: true }));
  byId("unlock").addEventListener("click", () => visit.unlock());
  byId("password-form").addEventListener("submit", (event) => {
    event.preventDefault();
    visit.enter({ password: byId("password").value });
  });
  for (const button of document.querySelectorAll("[data-act=leave]")) {
    button.addEventListener("click", () => visit.leave());
  }
  for (const button of document.querySelectorAll("[data-act=again]")) {
    button.addEventListener("click", () => (BACK_IN.has(current()) ? visit.enter() : visit.open()));
  }

  addEventListener("pagehide", () => visit.vanish());
  addEventListener("pageshow", ({ persisted }) => persisted && visit.comeBack());

  visit.open();
}
