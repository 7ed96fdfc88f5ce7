// One person on the stage: the picture, the name, and what is the matter.

import { instance, text } from "../page/page.js";
import { fitOf } from "./fit.js";

const BLANK_SIZE = 2; // pixels; browsers report up to this size before the first frame
const USUAL_SHAPE = 16 / 9;

export class Tile {
  element = instance("tile-template");
  #video = this.element.querySelector("video");
  /** @type {TileBox | null} */
  #box = null; // null while the tile is not shown

  /**
   * `onShape` is called when the picture has another width by height.
   *
   * @param {string} session
   * @param {{ onShape: () => void }} options
   */
  constructor(session, { onShape }) {
    this.element.dataset.session = session;
    this.element.hidden = true;
    this.#video.srcObject = new MediaStream();
    this.#video.addEventListener("resize", () => {
      this.#video.classList.toggle("blank", this.#video.videoWidth <= BLANK_SIZE);
      this.#fit();
      onShape();
    });
  }

  /** The width by height of the picture, or that of a usual camera before it comes. */
  get shape() {
    const { videoWidth, videoHeight } = this.#video;
    return videoWidth && videoHeight ? videoWidth / videoHeight : USUAL_SHAPE;
  }

  get role() {
    return this.#box?.role ?? null;
  }

  /**
   * Show the current state of a person.
   *
   * @type {(person: Person, name: string) => void}
   */
  show(person, name) {
    const { connection, connectionHint } = person;
    this.#video.hidden = !person.video;
    this.#video.setAttribute("aria-label", name);
    this.#find(".name").textContent = name;
    this.#find(".initial").textContent = initial(person.name || name);
    this.#find(".muted").toggleAttribute("hidden", person.audio);
    this.#find(".hand").toggleAttribute("hidden", !person.hand);
    this.#find(".sound").toggleAttribute("hidden", !person.speaking);
    this.#find(".state").textContent = stateText(person);
    this.element.classList.toggle("speaking", person.speaking);
    this.element.dataset.connection = connection;
    this.#find(".connection").hidden = connection === "good";
    this.#find(".connection-text").textContent =
      connection === "good" ? "" : text(`connection-${connection}`);
    this.#find(".connection-hint").textContent = connectionHint ? text(connectionHint) : "";
    const pin = this.#find(".pin");
    pin.title = text("pin", { name });
    pin.setAttribute("aria-label", pin.title);
  }

  /**
   * Play a track beside that of the other kind.
   *
   * @param {MediaStreamTrack} track
   */
  attach(track) {
    const stream = /** @type {MediaStream} */ (this.#video.srcObject);
    for (const old of stream.getTracks()) if (old.kind === track.kind) stream.removeTrack(old);
    stream.addTrack(track);
  }

  /**
   * Show our own stream, muted.
   *
   * @param {MediaStream} stream
   */
  attachOwn(stream) {
    this.element.classList.add("own");
    this.#video.muted = true;
    this.#video.srcObject = stream;
  }

  /**
   * Put the tile into a box of the layout, or hide it with null; return whether that is a change.
   *
   * @param {TileBox | null} box
   */
  place(box) {
    if (isSame(box, this.#box)) return false;
    this.#box = box;
    this.element.hidden = !box;
    if (!box) return true;
    const { style } = this.element;
    style.setProperty("inset-inline-start", `${box.x}px`);
    style.setProperty("top", `${box.y}px`);
    style.setProperty("width", `${box.width}px`);
    style.setProperty("height", `${box.height}px`);
    this.element.dataset.role = box.role;
    this.#fit();
    return true;
  }

  /** @param {{ isOffered: boolean, isPinned: boolean }} state */
  setPin({ isOffered, isPinned }) {
    const pin = this.#find(".pin");
    if (pin.hidden === isOffered) pin.hidden = !isOffered;
    const pressed = String(isPinned);
    if (pin.getAttribute("aria-pressed") !== pressed) pin.setAttribute("aria-pressed", pressed);
  }

  #fit() {
    if (!this.#box) return;
    const picture = { width: this.#video.videoWidth, height: this.#video.videoHeight };
    const isLarge = this.role === "large";
    this.#video.classList.toggle("whole", fitOf(picture, this.#box, { isLarge }) === "contain");
  }

  /** @param {string} selector */
  #find(selector) {
    return this.element.querySelector(selector);
  }
}

/** @type {(keyof TileBox)[]} */
const BOX_KEYS = ["x", "y", "width", "height", "role"];

/** @type {(a: TileBox | null, b: TileBox | null) => boolean} */
const isSame = (a, b) => a === b || Boolean(a && b && BOX_KEYS.every((key) => a[key] === b[key]));

/**
 * Return what screen readers say after the name; the connection has a line of its own.
 *
 * @param {Person} person
 */
function stateText(person) {
  const states = [
    person.hand && "has-hand-up",
    !person.audio && "is-muted",
    !person.video && "camera-is-off",
    person.speaking && "is-speaking",
  ];
  return states
    .filter((key) => key !== false)
    .map((key) => text(key))
    .join(", ");
}

/** @param {string} name */
const initial = (name) => [...name.trim()][0]?.toUpperCase() ?? "";
