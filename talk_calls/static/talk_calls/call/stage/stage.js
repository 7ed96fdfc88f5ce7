// The stage: a tile for each person, and shared screens, at the places that layout.js computes.

import { byId } from "../page/page.js";
import { arrange } from "./layout.js";
import { Order } from "./order.js";
import { Pager } from "./pager.js";
import { setUpPins, updatePins } from "./pins.js";
import { Screens } from "./screens.js";
import { SelfView } from "./self-view.js";
import { ActiveSpeaker } from "./speaker.js";
import { Tile } from "./tile.js";
import { ViewChoice } from "./view-choice.js";

/** @import { Layout } from "./layout.js" */

export class Stage {
  /** @type {Map<string, Tile>} */
  #tiles = new Map(); // by session
  #order = new Order();
  #speaker = new ActiveSpeaker({ onChange: (session) => this.#follow(session) });
  #choice = new ViewChoice({ onChange: () => this.#arrange() });
  #pager = new Pager({ onTurn: (page) => this.#turn(page) });
  #screens = new Screens({ onSelect: () => this.#pin(null) });
  #selfView = new SelfView({
    onMove: () => this.#arrange(),
    onHide: () => this.#choice.setShowsOwn(false),
  });
  #grid = byId("grid");
  /** @type {string | null} */
  #own = null; // our session
  /** @type {string | null} */
  #pinned = null; // a session
  #size = { width: 0, height: 0 };
  #page = 0;
  #isDue = false;

  /**
   * `nameOf` returns the name to show for a person. `onViewed` gets a session and `{height, isLarge}` when that
   * changes: `height` is that of the tile in pixels of the screen, 0 while it is not shown.
   *
   * @param {object} options
   * @param {(person: Person) => string} options.nameOf
   * @param {(session: string, view: { height: number, isLarge: boolean }) => void} options.onViewed
   */
  constructor({ nameOf, onViewed }) {
    this.nameOf = nameOf;
    this.onViewed = onViewed;
    new ResizeObserver(([{ contentRect }]) => this.#resize(contentRect)).observe(this.#grid);
    setUpPins(this.#grid, (session) => this.#pin(session === this.#pinned ? null : session));
    // Browsers that block autoplay allow it after a click.
    addEventListener("click", () => play());
  }

  /**
   * Show the current state of a person.
   *
   * @param {Person} person
   */
  show(person) {
    const { session } = person;
    const name = this.nameOf(person);
    const tile = this.#tiles.get(session) ?? this.#add(session);
    tile.show(person, name);
    this.#screens.rename(session, name);
    if (session !== this.#own) this.#speaker.set(session, person.speaking);
  }

  /**
   * Play a track in the tile of a session.
   *
   * @type {(session: string, track: MediaStreamTrack) => void}
   */
  attach(session, track) {
    this.#tiles.get(session)?.attach(track);
    play();
  }

  /**
   * Show our own stream, muted.
   *
   * @type {(session: string, stream: MediaStream) => void}
   */
  attachOwn(session, stream) {
    this.#own = session;
    this.#speaker.remove(session);
    const tile = this.#tiles.get(session) ?? this.#add(session);
    tile.attachOwn(stream);
    this.#selfView.attach(tile);
    this.#arrangeSoon();
  }

  /**
   * Show a track of a shared screen; null removes the screen.
   *
   * @type {(person: Person, track: MediaStreamTrack | null) => void}
   */
  screen(person, track) {
    if (!track) this.#screens.remove(person.session);
    else if (this.#screens.add(person.session, this.nameOf(person), track)) this.#pinned = null;
    this.#arrangeSoon();
  }

  /** @param {Person} person */
  remove({ session }) {
    this.#screens.remove(session);
    this.#tiles.get(session)?.element.remove();
    this.#tiles.delete(session);
    this.#order.remove(session);
    this.#speaker.remove(session);
    if (this.#pinned === session) this.#pinned = null;
    this.#arrangeSoon();
  }

  /** @param {string} session */
  #add(session) {
    const onShape = () => session === this.#own && this.#arrangeSoon();
    const tile = new Tile(session, { onShape });
    this.#tiles.set(session, tile);
    this.#order.add(session);
    this.#grid.append(tile.element);
    this.#arrangeSoon();
    return tile;
  }

  /** @param {string | null} session */
  #pin(session) {
    this.#pinned = session;
    this.#arrange();
  }

  /** @param {string} session */
  #follow(session) {
    this.#order.noteSpeaker(session);
    this.#arrange();
  }

  /** @param {number} page */
  #turn(page) {
    this.#page = page;
    this.#place(this.#layout()); // and leaves who speaks on the page before
  }

  /** @param {Size} size */
  #resize({ width, height }) {
    this.#size = { width, height };
    this.#arrange();
  }

  /** Arrange once for all the people who come and go in one turn of the event loop. */
  #arrangeSoon() {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => this.#isDue && this.#arrange());
  }

  #arrange() {
    this.#isDue = false;
    if (!this.#size.width || !this.#size.height) return;
    const layout = this.#layout();
    const visible = [...layout.boxes.keys()];
    const isMoved = this.#order.bring(this.#speaker.session, visible, [this.#own, this.#pinned]);
    this.#place(isMoved ? this.#layout() : layout);
  }

  #layout() {
    return arrange({
      ...this.#size,
      sessions: this.#order.sessions,
      own: this.#own,
      mode: this.#choice.mode,
      pinned: this.#pinned,
      speaker: this.#speaker.session,
      hasScreen: this.#screens.count > 0 && this.#pinned === null,
      page: this.#page,
      corner: this.#selfView.corner,
      ownShape: this.#tiles.get(this.#own ?? "")?.shape ?? 1,
      showsOwn: this.#choice.showsOwn,
    });
  }

  /** @param {Layout} layout */
  #place({ kind, boxes, screen, page, pages }) {
    const hasPins = kind !== "two" && this.#tiles.size > 1;
    this.#page = page;
    for (const [session, tile] of this.#tiles) {
      const box = boxes.get(session) ?? null;
      if (tile.place(box)) this.#tellViewed(session, box);
      tile.setPin({ isOffered: hasPins, isPinned: session === this.#pinned });
    }
    updatePins(this.#grid);
    this.#selfView.setSize(this.#size);
    this.#screens.place(screen);
    this.#pager.show(page, pages);
    this.#choice.setOffered(this.#tiles.size > 1);
  }

  /** @type {(session: string, box: TileBox | null) => void} */
  #tellViewed(session, box) {
    if (session === this.#own) return;
    const height = Math.round((box?.height ?? 0) * devicePixelRatio);
    this.onViewed(session, { height, isLarge: box?.role === "large" });
  }
}

function play() {
  for (const video of byId("stage").querySelectorAll("video")) {
    if (video.paused) video.play().catch(() => {});
  }
}
