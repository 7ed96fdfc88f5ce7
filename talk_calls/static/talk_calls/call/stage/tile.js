// One person on the stage: the picture, the name, and what is the matter.

import { instance, text } from "../page/page.js";
import { fitOf } from "./fit.js";

const BLANK_SIZE = 2; // pixels; browsers report up to this size before the first frame
const USUAL_SHAPE = 16 / 9;
const CONNECTION_TEXTS = {
  connecting: "is-connecting",
  weak: "is-weak",
  unreachable: "is-unreachable",
};

export class Tile {
  element = instance("tile-template");
  #video = this.#find("video");
  #box = null; // null while the tile is not shown

  /** `onShape` is called when the picture has another width by height. */
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

  get pin() {
    return this.#find(".pin");
  }

  /** Show the current state of a person. */
  show(person, name) {
    const connection = connectionOf(person);
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
    this.#find(".connection-text").textContent = connectionText(connection);
    const hint = connection === "unreachable" && person.connectionHint;
    this.#find(".connection-hint").textContent = hint ? text(hint) : "";
    this.pin.setAttribute("aria-label", text("pin", { name }));
    this.pin.title = text("pin", { name });
  }

  /** Play a track beside that of the other kind. */
  attach(track) {
    const stream = this.#video.srcObject;
    for (const old of stream.getTracks()) if (old.kind === track.kind) stream.removeTrack(old);
    stream.addTrack(track);
  }

  /** Show our own stream, muted. */
  attachOwn(stream) {
    this.element.classList.add("own");
    this.#video.muted = true;
    this.#video.srcObject = stream;
  }

  /** Put the tile into a box of the layout, or hide it with null; return whether that is a change. */
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

  #fit() {
    if (!this.#box) return;
    const picture = { width: this.#video.videoWidth, height: this.#video.videoHeight };
    const isLarge = this.role === "large";
    this.#video.classList.toggle("whole", fitOf(picture, this.#box, { isLarge }) === "contain");
  }

  #find(selector) {
    return this.element.querySelector(selector);
  }
}

const isSame = (a, b) =>
  a === b ||
  (Boolean(a && b) && ["x", "y", "width", "height", "role"].every((key) => a[key] === b[key]));

const connectionOf = ({ connection, lost }) => connection ?? (lost ? "unreachable" : "good");

const connectionText = (connection) =>
  connection === "good" ? "" : text(CONNECTION_TEXTS[connection]);

/** Return what screen readers say after the name; the connection has a line of its own. */
function stateText(person) {
  const states = [
    person.hand && "has-hand-up",
    !person.audio && "is-muted",
    !person.video && "camera-is-off",
    person.speaking && "is-speaking",
  ];
  return states
    .filter(Boolean)
    .map((key) => text(key))
    .join(", ");
}

const initial = (name) => [...name.trim()][0]?.toUpperCase() ?? "";
