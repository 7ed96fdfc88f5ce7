// What happens when a device is plugged in or unplugged, or stops.

import { problemKey } from "./names.js";
import { Speaker } from "./speaker.js";

/**
 * @import { Choices } from "./choices.js"
 * @import { Device, DeviceList } from "./device-list.js"
 * @import { Media, Unplugged } from "./media.js"
 * @import { Offer } from "./offer.js"
 */

/** @type {MediaKind[]} */
const KINDS = ["audio", "video"];

/**
 * Follow the devices of this machine.
 * @param {object} parts
 * @param {DeviceList} parts.list
 * @param {Media} parts.media
 * @param {Speaker} parts.speaker
 * @param {Choices} parts.choices
 * @param {Offer} parts.offer
 * @param {(key: string, values?: TextValues) => void} parts.announce
 */
export function followPlugging({ list, media, speaker, choices, offer, announce }) {
  list.addEventListener("change", ({ detail }) => {
    offer.withdraw(detail.removed);
    for (const kind of KINDS) if (lacks(media, list, kind)) media.retry();
    const added = detail.added.filter((device) => !takeAgain(device));
    const offered = added.filter((device) => isUsable(device) && !isUsed(device));
    if (offered.length) offerDevice(offered);
  });
  media.addEventListener("unplugged", ({ detail }) => announceUnplugged(detail));
  speaker.addEventListener("unplugged", ({ detail }) => announceUnplugged(detail));
  media.addEventListener("stopped", ({ detail: { kind } }) => announce(problemKey(kind, "ended")));
  media.addEventListener("unusable", ({ detail: { label } }) =>
    announce("device-unusable", { device: label }),
  );

  /**
   * Use a device again that was chosen, was unplugged, and is back; return whether it is one.
   * @param {Device} device
   */
  function takeAgain(device) {
    const isChosen = list.find(device.kind, choices.device(device.kind)) === device;
    if (!isChosen) return false;
    if (device.kind === "speaker") return true; // it follows the list by itself
    if (media.track(device.kind)) announce("now-used", { device: device.label });
    media.choose(device.kind, device);
    return true;
  }

  /** @param {Device} device */
  function isUsable({ kind }) {
    return kind === "speaker" ? Speaker.canChoose : media.allowed[kind];
  }

  /**
   * Tell whether the device is in use already, as the first one of its kind.
   * @param {Device} device
   */
  function isUsed({ kind, id }) {
    return kind !== "speaker" && media.used(kind)?.id === id;
  }

  /**
   * Offer what was plugged in; a headset is a microphone and a speaker.
   * @param {Device[]} added
   */
  function offerDevice([first, ...others]) {
    const devices = [first, ...others.filter(({ group }) => group && group === first.group)];
    offer.show(first.label, devices, () => {
      for (const device of devices) {
        if (device.kind === "speaker") speaker.choose(device);
        else media.choose(device.kind, device);
      }
    });
  }

  /** @param {Unplugged} detail */
  function announceUnplugged({ label, next }) {
    if (next) announce("unplugged-next", { device: label, next });
    else announce("unplugged", { device: label });
  }
}

/**
 * Tell whether there was no device of a kind, and is one now.
 * @type {(media: Media, list: DeviceList, kind: MediaKind) => boolean}
 */
function lacks(media, list, kind) {
  return media.wants[kind] && media.problem[kind] === "no" && list.has(kind);
}
