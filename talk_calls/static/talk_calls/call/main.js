// Creates the parts of the page and connects them.

import { Api } from "./api/api.js";
import { Call } from "./call.js";
import { byId, config } from "./page/page.js";
import { setUpDevices } from "./devices/setup.js";
import { Participation } from "./visit/participation.js";
import { Ready } from "./visit/ready.js";
import { current, show } from "./page/views.js";

// The views from which "again" goes straight back into the call.
const REJOIN_FROM = new Set(["left", "ended", "replaced", "away"]);

if (!isSecureContext || !globalThis.RTCPeerConnection || !navigator.mediaDevices) show("unsupported");
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
  const media = setUpDevices({
    receivers: config.external ? "simulcast" : 0,
    isInCall: () => call.isRunning,
    onSpeaking: (isSpeaking) => call.setSpeaking(isSpeaking),
  });
  const ready = new Ready({ media, onJoin: () => participation.enter() });
  const ownName = () => config.name ?? ready.name;
  const call = new Call({ api, media, ownName });
  const participation = new Participation({ api, media, call, guestName: () => ready.name });

  byId("leave").addEventListener("click", () => participation.leave());
  byId("consent").addEventListener("click", () => participation.enter({ consents: true }));
  byId("unlock").addEventListener("click", () => participation.unlock());
  byId("password-form").addEventListener("submit", (event) => {
    event.preventDefault();
    participation.enter({ password: byId("password").value });
  });
  for (const button of document.querySelectorAll("[data-act=leave]")) {
    button.addEventListener("click", () => participation.leave());
  }
  for (const button of document.querySelectorAll("[data-act=again]")) {
    button.addEventListener("click", () => {
      if (REJOIN_FROM.has(current())) participation.enter();
      else participation.open();
    });
  }

  addEventListener("pagehide", () => participation.leaveOnUnload());
  addEventListener("pageshow", ({ persisted }) => persisted && participation.resume());

  participation.open();
}
