// The controls around the call, and what lasts as long as the call does.

import { byId, text } from "../page/page.js";
import { invite, setUpInvitation } from "./invitation.js";
import { More, fullScreen, instead } from "./more.js";
import { PictureInPicture } from "./picture-in-picture.js";
import { Shortcuts, shortcutsItem } from "./shortcuts.js";
import { areSoundsOn, turnSounds } from "./sounds.js";
import { Timer } from "./timer.js";
import { setUpToolbar } from "./toolbar.js";
import { WakeLock } from "./wake-lock.js";

/** @import { Call } from "../call.js" */
/** @import { Media } from "../devices/media.js" */

/**
 * Connect the controls with the call; return the menu "More", to which other parts add entries.
 *
 * @param {{ call: Call, media: Media }} parts
 */
export function setUpControls({ call, media }) {
  const picture = new PictureInPicture({ people: call.people });
  new Shortcuts({ media });
  setUpToolbar();
  setUpInvitation();
  const more = new More();
  for (const button of document.querySelectorAll("#share, #toolbar .menu-button"))
    more.addButton(button);
  // Else it is in the menu of reactions.
  more.add("controls", () => (byId("react").hidden ? instead(byId("hand")) : null));
  more.add("controls", () => ({ label: text("invite"), icon: "invite", onSelect: invite }));
  more.add("view", fullScreen);
  more.add("view", () => picture.item());
  more.add("settings", soundsItem);
  more.add("settings", shortcutsItem);
  lastAsLongAs(call, picture);
  return more;
}

/** @type {(call: Call, picture: PictureInPicture) => void} */
function lastAsLongAs(call, picture) {
  const timer = new Timer({ now: call.api.clock.now });
  const wakeLock = new WakeLock();
  call.addEventListener("start", () => {
    timer.start(call.begun);
    wakeLock.hold();
  });
  call.addEventListener("room", () => timer.correct(call.begun));
  call.addEventListener("end", () => {
    timer.stop();
    wakeLock.release();
    picture.close();
  });
}

function soundsItem() {
  const isOn = areSoundsOn();
  return {
    label: text("sounds"),
    icon: "sound",
    isChecked: isOn,
    isSwitch: true,
    onSelect: () => turnSounds(!isOn),
  };
}
