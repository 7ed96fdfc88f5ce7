// A small window, above those of other programs, with the picture that matters now.

import { text } from "../page/page.js";
import { announce } from "../page/toasts.js";

/** @import { MenuItem } from "../page/menu.js" */
/** @import { People } from "../people/people.js" */

// The pictures that there may be, the one that matters most first.
const CHOICES = [
  "#screens video",
  ".tile:has(.pin[aria-pressed=true]) video",
  ".tile.speaking:not(.own) video",
  ".tile:not(.own) video",
  ".tile video",
];

export class PictureInPicture {
  /** @type {HTMLVideoElement | null} */
  #video = null; // plays in the small window; another track replaces the one it shows

  /**
   * `people` says when somebody else speaks or switches the camera.
   *
   * @param {{ people: People }} options
   */
  constructor({ people }) {
    people.addEventListener("change", () => this.#update());
    people.addEventListener("gone", () => this.#update());
  }

  /**
   * Return the entry that opens and closes the window, or null where the browser has none.
   *
   * @returns {MenuItem | null}
   */
  item() {
    if (!document.pictureInPictureEnabled) return null;
    const isOpen = this.#video !== null;
    return {
      label: text("picture-in-picture"),
      icon: "picture-in-picture",
      isChecked: isOpen,
      isSwitch: true,
      onSelect: () => (isOpen ? this.close() : this.#open()),
    };
  }

  async #open() {
    const track = currentTrack();
    if (!track) return announce("no-picture");
    const video = videoWith(track);
    this.#video = video;
    video.addEventListener("leavepictureinpicture", () => this.#remove());
    try {
      await video.play();
      await video.requestPictureInPicture();
    } catch {
      this.#remove();
      announce("failed");
    }
  }

  async close() {
    if (document.pictureInPictureElement) await document.exitPictureInPicture().catch(() => {});
    this.#remove();
  }

  #update() {
    if (!this.#video) return;
    const track = currentTrack();
    // If nobody has a camera on, the last picture stays.
    if (!track || streamOf(this.#video)?.getTracks().includes(track)) return;
    this.#video.srcObject = new MediaStream([track]);
    this.#video.play().catch(() => {});
  }

  #remove() {
    if (!this.#video) return;
    this.#video.srcObject = null;
    this.#video.remove();
    this.#video = null;
  }
}

/** Return the track of the picture that matters most, or null. */
function currentTrack() {
  for (const selector of CHOICES) {
    /** @type {NodeListOf<HTMLVideoElement>} */
    const videos = document.querySelectorAll(selector);
    for (const video of videos) {
      const track = video.hidden ? null : streamOf(video)?.getVideoTracks()[0];
      if (track?.readyState === "live") return track;
    }
  }
  return null;
}

/** @param {HTMLVideoElement} video */
const streamOf = (video) => /** @type {MediaStream | null} */ (video.srcObject);

/**
 * Return a muted video in the page, which nobody sees there.
 *
 * @param {MediaStreamTrack} track
 */
function videoWith(track) {
  const video = document.createElement("video");
  video.className = "hidden";
  video.ariaHidden = "true";
  video.muted = video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  document.body.append(video);
  return video;
}
