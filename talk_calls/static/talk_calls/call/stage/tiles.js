// The grid: a tile for each person, and a larger one for each shared screen.

import { byId, instance, text } from "../page/page.js";

const ASPECT_RATIO = 1.5; // width by height of the best tile
const BLANK_SIZE = 2; // pixels; browsers report up to this size before the first frame
const MIN_SIZE = 80; // pixels; the grid scrolls rather than show smaller tiles

export class Tiles {
  #tiles = new Map(); // session → tile
  #screens = new Map(); // session → element
  #grid = byId("grid");

  #sizes = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) this.#resized(target, contentRect.height);
  });

  /** `onResize` gets a session, and how high its tile is in pixels of the screen. */
  constructor({ nameOf, onResize }) {
    Object.assign(this, { nameOf, onResize });
    new ResizeObserver(() => this.#arrange()).observe(this.#grid);
    // Browsers that block autoplay allow it after a click.
    addEventListener("click", () => this.#play());
  }

  /** Show the current state of a person. */
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
    tile.querySelector(".state").textContent = stateText(person);
    tile.querySelector(".sound").toggleAttribute("hidden", !person.speaking);
    tile.classList.toggle("speaking", person.speaking);
    tile.dataset.connection = person.connection;
    tile.querySelector(".lost").toggleAttribute("hidden", person.connection !== "unreachable");
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

  /** Show our own stream, muted. */
  attachOwn(session, stream) {
    const video = this.#tiles.get(session).querySelector("video");
    this.#tiles.get(session).classList.add("own");
    video.muted = true;
    video.srcObject = stream;
  }

  /** Show a track of a shared screen; null removes the screen. */
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
    const tile = this.#tiles.get(session);
    if (tile) this.#sizes.unobserve(tile);
    tile?.remove();
    this.#tiles.delete(session);
    this.#arrange();
  }

  #add(person) {
    const tile = instance("tile-template");
    const video = tile.querySelector("video");
    video.srcObject = new MediaStream();
    video.addEventListener("resize", () => {
      video.classList.toggle("blank", video.videoWidth <= BLANK_SIZE);
    });
    tile.dataset.session = person.session;
    this.#tiles.set(person.session, tile);
    this.#grid.append(tile);
    this.#sizes.observe(tile);
    this.#arrange();
    return tile;
  }

  #resized(tile, height) {
    if (height) this.onResize(tile.dataset.session, Math.round(height * devicePixelRatio));
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

  /** Choose the number of columns with the best tiles. */
  #arrange() {
    const { clientWidth: width, clientHeight: height } = this.#grid;
    const count = this.#tiles.size;
    if (!count || !width) return;
    let [best, columns] = [0, 1];
    for (let candidate = 1; candidate <= Math.min(count, width / MIN_SIZE); candidate++) {
      const fit = fitness(width / candidate, height / Math.ceil(count / candidate));
      if (fit > best) [best, columns] = [fit, candidate];
    }
    this.#grid.style.setProperty("--columns", columns);
    this.#grid.style.setProperty("--rows", Math.ceil(count / columns));
    // If the grid scrolls, it must be focusable, so that the keyboard can scroll it.
    const { scrollWidth, scrollHeight } = this.#grid;
    this.#grid.tabIndex = scrollWidth > width || scrollHeight > height ? 0 : -1;
  }
}

/** Rate a tile: its size, reduced if its aspect ratio is off or it is too low. */
function fitness(width, height) {
  const shape = width / height / ASPECT_RATIO;
  const size = width * Math.max(height, MIN_SIZE) * Math.min(shape, 1 / shape);
  return height < MIN_SIZE ? size * (height / MIN_SIZE) ** 2 : size;
}

/** Return the state of a person as text. */
function stateText(person) {
  const states = [
    person.connection !== "good" && `connection-${person.connection}`,
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
