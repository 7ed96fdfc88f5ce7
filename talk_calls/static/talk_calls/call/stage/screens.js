// Shared screens, one of which is shown: with whose it is, zoom, and full screen.

import { byId, instance, text } from "../page/page.js";
import { Zoomable } from "./zoomable.js";

/** @typedef {{ figure: HTMLElement, video: HTMLVideoElement, choice: HTMLElement }} SharedScreen */

export class Screens {
  /** @type {Map<string, SharedScreen>} */
  #screens = new Map(); // by session
  /** @type {string | null} */
  #selected = null; // session
  #isShown = false;

  /**
   * `onSelect` is called when the user chooses a screen.
   *
   * @param {{ onSelect: () => void }} options
   */
  constructor({ onSelect }) {
    this.onSelect = onSelect;
    document.addEventListener("fullscreenchange", () => {
      for (const { figure } of this.#screens.values()) updateFullScreenButton(figure);
    });
  }

  get count() {
    return this.#screens.size;
  }

  /**
   * Play a track of a screen; return whether it is the first of it. The newest screen is shown.
   *
   * @type {(session: string, name: string, track: MediaStreamTrack) => boolean}
   */
  add(session, name, track) {
    const known = this.#screens.get(session);
    const { video } = known ?? this.#create(session, name);
    /** @type {MediaStream} */ (video.srcObject).addTrack(track);
    video.play().catch(() => {});
    return !known;
  }

  /** @param {string} session */
  remove(session) {
    const screen = this.#screens.get(session);
    if (!screen) return;
    screen.figure.remove();
    screen.choice.remove();
    this.#screens.delete(session);
    if (this.#selected === session) this.#selected = [...this.#screens.keys()].at(-1) ?? null;
    this.#show();
  }

  /** @type {(session: string, name: string) => void} */
  rename(session, name) {
    const screen = this.#screens.get(session);
    if (!screen) return;
    const title = text("screen-of", { name });
    screen.video.setAttribute("aria-label", title);
    screen.figure.querySelector("figcaption bdi").textContent = title;
    screen.choice.querySelector("bdi").textContent = name;
  }

  /**
   * Put the chosen screen into a box of the layout; null shows none.
   *
   * @param {Box | null} box
   */
  place(box) {
    this.#isShown = Boolean(box);
    const { style } = byId("screens");
    if (box) {
      style.setProperty("inset-inline-start", `${box.x}px`);
      style.setProperty("top", `${box.y}px`);
      style.setProperty("width", `${box.width}px`);
      style.setProperty("height", `${box.height}px`);
    }
    this.#show();
  }

  /** @type {(session: string, name: string) => SharedScreen} */
  #create(session, name) {
    const figure = instance("screen-template");
    const video = figure.querySelector("video");
    const choice = instance("screen-choice-template");
    video.srcObject = new MediaStream();
    choice.addEventListener("click", () => this.#select(session));
    const screen = { figure, video, choice };
    this.#screens.set(session, screen);
    byId("screens").append(figure);
    byId("screen-choices").append(choice);
    setUpZoom(figure, video);
    setUpFullScreen(figure);
    this.rename(session, name);
    this.#selected = session;
    return screen;
  }

  /** @param {string} session */
  #select(session) {
    this.#selected = session;
    this.onSelect();
  }

  #show() {
    byId("screens").hidden = !this.#isShown;
    byId("screen-choices").hidden = !this.count || (this.count === 1 && this.#isShown);
    for (const [session, { figure, choice }] of this.#screens) {
      const isChosen = this.#isShown && session === this.#selected;
      figure.hidden = session !== this.#selected;
      choice.setAttribute("aria-pressed", String(isChosen));
      choice.classList.toggle("on", isChosen);
    }
  }
}

/** @type {(figure: HTMLElement, video: HTMLVideoElement) => void} */
function setUpZoom(figure, video) {
  const [zoomIn, zoomOut] = [".zoom-in", ".zoom-out"].map((each) => figure.querySelector(each));
  const zoomable = new Zoomable({
    frame: figure.querySelector(".frame"),
    content: video,
    onChange: (scale) => zoomOut.setAttribute("aria-disabled", String(scale <= 1)),
  });
  zoomIn.addEventListener("click", () => zoomable.zoomIn());
  zoomOut.addEventListener("click", () => zoomable.zoomOut());
}

/** @param {HTMLElement} figure */
function setUpFullScreen(figure) {
  const button = figure.querySelector(".full-screen");
  button.hidden = !document.fullscreenEnabled;
  button.addEventListener("click", () => {
    if (document.fullscreenElement === figure) document.exitFullscreen();
    else figure.requestFullscreen().catch(() => {});
  });
}

/** @param {HTMLElement} figure */
function updateFullScreenButton(figure) {
  const button = figure.querySelector(".full-screen");
  const isFull = document.fullscreenElement === figure;
  const label = text(isFull ? "screen-reduced" : "screen-enlarged");
  button.setAttribute("aria-label", label);
  button.title = label;
  const icon = isFull ? "#icon-reduce" : "#icon-enlarge";
  button.querySelector("use").setAttribute("href", icon);
}
