// The grid: a tile for each person, and a large one for each screen.

import { byId, instance, text } from "./page.js";

const SHAPE = 1.5; // width by height of a tile that suits a face
const BLANK = 2; // pixels of what a browser shows before the first picture
const LEAST = 80; // pixels; smaller ones are scrolled to

export class Tiles {
  #tiles = new Map(); // session → tile
  #screens = new Map(); // session → element
  #grid = byId("grid");

  constructor({ nameOf }) {
    this.nameOf = nameOf;
    new ResizeObserver(() => this.#arrange()).observe(this.#grid);
    // A browser that would not play sound unasked does so after the next click.
    addEventListener("click", () => this.#play());
  }

  /** Show a person as they are now. */
  show(person) {
    const tile = this.#tiles.get(person.session) ?? this.#add(person);
    const name = this.nameOf(person);
    const video = tile.querySelector("video");
    video.hidden = !person.video;
    video.setAttribute("aria-label", name);
    tile.querySelector(".name").textContent = name;
    tile.querySelector(".initial").textContent = initial(person.name || name);
    tile.querySelector(".muted").toggleAttribute("hidden", person.audio);
    tile.querySelector(".hand").toggleAttribute("hidden", !person.hand);
    tile.querySelector(".state").textContent = stateOf(person);
    tile.querySelector(".sound").toggleAttribute("hidden", !person.speaking);
    tile.classList.toggle("speaking", person.speaking);
    tile.querySelector(".lost").toggleAttribute("hidden", !person.lost);
    this.#screens.get(person.session)?.setAttribute("aria-label", text("screen-of", { name }));
  }

  /** Play a track in the tile of a session. */
  attach(session, track) {
    const stream = this.#tiles.get(session)?.querySelector("video").srcObject;
    if (!stream) return;
    for (const old of stream.getTracks()) if (old.kind === track.kind) stream.removeTrack(old);
    stream.addTrack(track);
    this.#play();
  }

  /** Show our own stream; nobody wants to hear oneself. */
  attachOwn(session, stream) {
    const video = this.#tiles.get(session).querySelector("video");
    this.#tiles.get(session).classList.add("own");
    video.muted = true;
    video.srcObject = stream;
  }

  /** Show a screen that somebody shares, or take it away. */
  screen(person, track) {
    if (!track) {
      this.#screens.get(person.session)?.remove();
      this.#screens.delete(person.session);
    } else {
      const video = this.#screens.get(person.session) ?? this.#addScreen(person);
      video.srcObject.addTrack(track);
      video.play().catch(() => {});
    }
    byId("screens").hidden = !this.#screens.size;
    this.#arrange();
  }

  remove({ session }) {
    this.screen({ session }, null);
    this.#tiles.get(session)?.remove();
    this.#tiles.delete(session);
    this.#arrange();
  }

  #add(person) {
    const tile = instance("tile-template");
    const video = tile.querySelector("video");
    video.srcObject = new MediaStream();
    video.addEventListener("resize", () => {
      video.classList.toggle("blank", video.videoWidth <= BLANK);
    });
    tile.dataset.session = person.session;
    this.#tiles.set(person.session, tile);
    this.#grid.append(tile);
    this.#arrange();
    return tile;
  }

  #addScreen(person) {
    const video = document.createElement("video");
    video.autoplay = video.playsInline = true;
    video.srcObject = new MediaStream();
    video.setAttribute("aria-label", text("screen-of", { name: this.nameOf(person) }));
    this.#screens.set(person.session, video);
    byId("screens").append(video);
    return video;
  }

  #play() {
    for (const video of document.querySelectorAll("#stage video")) {
      if (video.paused) video.play().catch(() => {});
    }
  }

  /** Use the number of columns that suits faces best. */
  #arrange() {
    const { clientWidth: width, clientHeight: height } = this.#grid;
    const count = this.#tiles.size;
    if (!count || !width) return;
    let [best, columns] = [0, 1];
    for (let candidate = 1; candidate <= Math.min(count, width / LEAST); candidate++) {
      const fit = fitness(width / candidate, height / Math.ceil(count / candidate));
      if (fit > best) [best, columns] = [fit, candidate];
    }
    this.#grid.style.setProperty("--columns", columns);
    this.#grid.style.setProperty("--rows", Math.ceil(count / columns));
    // What is scrolled to must be so by keyboard, too.
    const { scrollWidth, scrollHeight } = this.#grid;
    this.#grid.tabIndex = scrollWidth > width || scrollHeight > height ? 0 : -1;
  }
}

/** Return how well a face is seen in a tile: its size, less if it is oddly shaped or too low. */
function fitness(width, height) {
  const shape = width / height / SHAPE;
  const size = width * Math.max(height, LEAST) * Math.min(shape, 1 / shape);
  return height < LEAST ? size * (height / LEAST) ** 2 : size;
}

/** Return what a person does, in words. */
export function stateOf(person) {
  const states = [
    person.lost && "is-lost",
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
