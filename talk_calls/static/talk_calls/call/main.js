// Creates the parts of the page and connects them.

import { Api } from "./api/api.js";
import { Call } from "./call.js";
import { Media } from "./devices/media.js";
import { announce } from "./page/toasts.js";
import { byId, config } from "./page/page.js";
import { Ready } from "./visit/ready.js";
import { setUpToggles } from "./devices/toggles.js";
import { show } from "./page/views.js";
import { Visit } from "./visit/visit.js";
import { Voice } from "./devices/voice.js";

if (!isSecureContext || !globalThis.RTCPeerConnection || !navigator.mediaDevices)
  show("unsupported");
else if (!mayStore()) show("blocked");
else start();

/** Return whether the browser keeps cookies for this page; in frames of other sites many do not. */
function mayStore() {
  try {
    return navigator.cookieEnabled && Boolean(sessionStorage);
  } catch {
    return false;
  }
}

function start() {
  const api = new Api(config);
  // A running camera does not get larger pictures, so it begins with the largest.
  const media = new Media({ receivers: config.external ? "simulcast" : 0 });
  const ready = new Ready({ media, onJoin: () => visit.enter() });
  const ownName = () => config.name ?? ready.name;
  const rename = config.name === null ? (name) => (ready.name = name) : null;
  const call = new Call({ api, media, ownName, rename });
  const visit = new Visit({ api, media, call, guestName: () => ready.name });
  const voice = new Voice({
    onLevel: (loudness) => ready.showLevel(loudness),
    onSpeaking: (isSpeaking) => call.setSpeaking(isSpeaking),
  });

  setUpToggles(media, (problem) => problem && announce(problem));
  media.addEventListener("change", () => voice.setTrack(media.track("audio")));
  addEventListener("click", () => voice.resume());

  byId("leave").addEventListener("click", () => visit.press("leave"));
  byId("password-form").addEventListener("submit", (event) => {
    event.preventDefault();
    visit.enterWith(byId("password").value);
  });
  for (const button of document.querySelectorAll("[data-act]"))
    button.addEventListener("click", () => visit.press(button.dataset.act));

  addEventListener("pagehide", () => visit.leaveOnUnload());
  addEventListener("pageshow", ({ persisted }) => persisted && visit.resume());

  visit.open();
}
