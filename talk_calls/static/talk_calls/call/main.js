// Creates the parts of the page and connects them.

import { Api } from "./api/api.js";
import { Call } from "./call.js";
import { setUpControls } from "./controls/controls.js";
import { setUpDevices } from "./devices/setup.js";
import { byId, config } from "./page/page.js";
import { keepLogin } from "./visit/keep-login.js";
import { Ready } from "./visit/ready.js";
import { show } from "./page/views.js";
import { Visit } from "./visit/visit.js";

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
  const media = setUpDevices({
    receivers: config.external ? "simulcast" : 0,
    isInCall: () => call.isRunning,
    onSpeaking: (isSpeaking) => call.setSpeaking(isSpeaking),
  });
  const ready = new Ready({ media, onJoin: () => visit.enter() });
  const ownName = () => config.name ?? ready.name;
  /** @param {string} name */
  const renameGuest = (name) => {
    ready.name = name;
  };
  const rename = config.name === null ? renameGuest : null;
  const call = new Call({ api, media, ownName, rename });
  const visit = new Visit({ api, media, call, guestName: () => ready.name });
  setUpControls({ call, media });
  if (config.external) keepLogin({ api, isInCall: () => visit.isInCall });

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
