// The menus of microphones, cameras and speakers.

import { instance, text } from "../page/page.js";
import { Menu } from "../page/menu.js";
import { NAMES, problemKey } from "./names.js";
import { playTestSound } from "./test-sound.js";
import { Speaker } from "./speaker.js";

/** Give each button with `data-devices`, as "audio speaker", a menu of these kinds. */
export function setUpDeviceMenus({ list, media, speaker }) {
  const menus = [...document.querySelectorAll("[data-devices]")].map((button) => {
    const kinds = button.dataset.devices.split(" ");
    const menu = new Menu(button, () => kinds.map(groupOf));
    return { menu, kinds, used: button.querySelector(".used") };
  });
  const update = () => {
    for (const { menu, kinds, used } of menus) {
      menu.refresh();
      if (used) used.textContent = usedName(kinds[0]);
    }
  };
  media.addEventListener("change", update);
  list.addEventListener("change", update);
  update();

  function groupOf(kind) {
    const group = { label: text(NAMES[kind]), items: items(kind) };
    if (kind === "audio" && media.track("audio")) group.extra = instance("level-template");
    if (kind === "speaker") group.items.push(testSound());
    return group;
  }

  function items(kind) {
    if (kind === "speaker" && !Speaker.canChoose) return [];
    const used = usedOf(kind);
    const devices = list.of(kind).map((device) => ({
      label: nameOf(device),
      isChecked: device === used,
      onSelect: () => choose(device),
    }));
    if (devices.length || kind === "speaker") return devices;
    return [{ label: reasonForNone(kind), isDisabled: true, onSelect() {} }];
  }

  function testSound() {
    return {
      label: text("test-sound"),
      icon: "speaker",
      staysOpen: true,
      onSelect: () => playTestSound(speaker),
    };
  }

  function choose(device) {
    if (device.kind !== "speaker") return media.choose(device.kind, device);
    speaker.choose(device);
    update();
  }

  function usedOf(kind) {
    return kind === "speaker" ? speaker.used : media.used(kind);
  }

  /** Return the name of a device; a number if the browser does not tell it. */
  function nameOf(device) {
    const number = list.of(device.kind).indexOf(device) + 1;
    return device.label || text(`${NAMES[device.kind]}-number`, { number });
  }

  function usedName(kind) {
    const used = usedOf(kind);
    return used ? nameOf(used) : text(kind === "speaker" ? "speaker" : "none");
  }

  function reasonForNone(kind) {
    return text(problemKey(kind, media.problem[kind] ?? (list.has(kind) ? "hidden" : "no")));
  }
}
