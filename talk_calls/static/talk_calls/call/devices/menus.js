// The menus of microphones, cameras and speakers.

import { instance, text } from "../page/page.js";
import { Menu } from "../page/menu.js";
import { NAMES, problemKey } from "./names.js";
import { playTestSound } from "./test-sound.js";
import { Speaker } from "./speaker.js";

/**
 * @import { MenuGroup, MenuItem } from "../page/menu.js"
 * @import { Device, DeviceList, Kind } from "./device-list.js"
 * @import { Media } from "./media.js"
 */

/**
 * Give each button with `data-devices`, as "audio speaker", a menu of these kinds.
 * @param {object} parts
 * @param {DeviceList} parts.list
 * @param {Media} parts.media
 * @param {Speaker} parts.speaker
 */
export function setUpDeviceMenus({ list, media, speaker }) {
  const menus = [...document.querySelectorAll("[data-devices]")].map((button) => {
    const kinds = /** @type {Kind[]} */ (button.dataset.devices?.split(" "));
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

  /** @param {Kind} kind */
  function groupOf(kind) {
    /** @type {MenuGroup} */
    const group = { label: text(NAMES[kind]), items: items(kind) };
    if (kind === "audio" && media.track("audio")) group.extra = instance("level-template");
    if (kind === "speaker") group.items.push(testSound());
    return group;
  }

  /** @type {(kind: Kind) => MenuItem[]} */
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

  /** @returns {MenuItem} */
  function testSound() {
    return {
      label: text("test-sound"),
      icon: "speaker",
      staysOpen: true,
      onSelect: () => playTestSound(speaker),
    };
  }

  /** @param {Device} device */
  function choose(device) {
    if (device.kind !== "speaker") return media.choose(device.kind, device);
    speaker.choose(device);
    update();
  }

  /** @param {Kind} kind */
  function usedOf(kind) {
    return kind === "speaker" ? speaker.used : media.used(kind);
  }

  /**
   * Return the name of a device; a number if the browser does not tell it.
   * @param {Device} device
   */
  function nameOf(device) {
    const number = list.of(device.kind).indexOf(device) + 1;
    return device.label || text(`${NAMES[device.kind]}-number`, { number });
  }

  /** @param {Kind} kind */
  function usedName(kind) {
    const used = usedOf(kind);
    return used ? nameOf(used) : text(kind === "speaker" ? "speaker" : "none");
  }

  /** @param {MediaKind} kind */
  function reasonForNone(kind) {
    return text(problemKey(kind, media.problem[kind] ?? (list.has(kind) ? "hidden" : "no")));
  }
}
