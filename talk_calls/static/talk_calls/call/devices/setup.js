// Creates the parts that deal with devices, and connects them.

import { announce } from "../page/toasts.js";
import { Choices } from "./choices.js";
import { DeviceList } from "./device-list.js";
import { Media } from "./media.js";
import { setUpDeviceMenus } from "./menus.js";
import { setUpNotes } from "./notes.js";
import { problemKey } from "./names.js";
import { Offer } from "./offer.js";
import { onGranted } from "./permissions.js";
import { followPlugging } from "./plugging.js";
import { Speaker } from "./speaker.js";
import { Stalls } from "./stalls.js";
import { setUpToggles } from "./toggles.js";
import { Voice } from "./voice.js";

/**
 * Return the media of this page.
 * @param {object} options
 * @param {number | "simulcast"} options.receivers - as in `Media`
 * @param {() => boolean} options.isInCall
 * @param {(isSpeaking: boolean) => void} options.onSpeaking
 */
export function setUpDevices({ receivers, isInCall, onSpeaking }) {
  const choices = new Choices();
  const list = new DeviceList();
  const media = new Media({ list, choices, receivers });
  const speaker = new Speaker({ list, choices });
  const voice = new Voice({
    onLevel: showLevel,
    onSpeaking,
    onMutedSpeech: () => isInCall() && announce("muted-speech"),
  });
  setUpToggles(media, announce);
  setUpNotes(media);
  setUpDeviceMenus({ list, media, speaker });
  followPlugging({ list, media, speaker, choices, offer: new Offer(), announce });
  new Stalls(media, (kind) => announce(problemKey(kind, "stalled")));
  media.addEventListener("waiting", ({ detail }) => isInCall() && announce(`browser-${detail}`));
  media.addEventListener("change", () => voice.setTrack(media.track("audio")));
  addEventListener("click", () => voice.resume());
  for (const kind of /** @type {const} */ (["audio", "video"]))
    onGranted(kind, () => media.retry());
  return media;
}

/**
 * Show the loudness in the preview, and in a menu that is open.
 * @param {number} loudness
 */
function showLevel(loudness) {
  for (const meter of document.querySelectorAll(".level")) {
    /** @type {HTMLMeterElement} */ (meter).value = Math.min(1, loudness * 4);
  }
}
