// Reactions: emoji that appear for a moment on the tile of who sends them.
//
// Other clients send them, too, and whatever they like as often as they like: only an emoji is
// shown, only some of each person, and only so many at once.

import { byId, text } from "../page/page.js";
import { RateLimit, isReaction, summary } from "./reaction-rules.js";

/** @import { Reaction } from "./reaction-rules.js" */

const SHOWN_FOR = 4000; // ms, as the animation of the style sheet takes
const MOST_SHOWN = 24;
const NEWS_PAUSE = 3000; // ms in which reactions are gathered before they are read aloud

export class Reactions {
  #limit = new RateLimit();
  /** @type {Reaction[]} */
  #news = []; // reactions that were not read aloud yet
  /** @type {number | null} */
  #newsTimer = null;

  /**
   * `nameOf` returns the name of a session, `mayReact` whether it may react, `onSend` gets a
   * reaction of ours.
   *
   * @param {object} options
   * @param {(session: string) => string} options.nameOf
   * @param {(session: string) => boolean} options.mayReact
   * @param {(message: Message) => void} options.onSend
   */
  constructor({ nameOf, mayReact, onSend }) {
    this.nameOf = nameOf;
    this.mayReact = mayReact;
    this.onSend = onSend;
  }

  /**
   * Send a reaction of ours, and show it as others see it.
   *
   * @type {(reaction: string, session: string) => void}
   */
  send(reaction, session) {
    if (!this.receive(session, reaction)) return;
    this.onSend({ type: "reaction", payload: { reaction } });
  }

  /**
   * Show a reaction; return whether it is one, of somebody who may react, and not too many.
   *
   * @type {(session: string, reaction: unknown) => boolean}
   */
  receive(session, reaction) {
    if (!isReaction(reaction) || !this.mayReact(session)) return false;
    if (!this.#limit.allows(session)) return false;
    const name = this.nameOf(session);
    show(reaction, session, name);
    this.#tell({ reaction, name });
    return true;
  }

  /** @param {string} session */
  forget(session) {
    this.#limit.forget(session);
  }

  /** @param {Reaction} reaction */
  #tell(reaction) {
    this.#news.push(reaction);
    this.#newsTimer ??= setTimeout(() => {
      this.#newsTimer = null;
      readAloud(this.#news.splice(0));
    }, NEWS_PAUSE);
  }
}

/** @type {(reaction: string, session: string, name: string) => void} */
function show(reaction, session, name) {
  const shown = document.querySelectorAll(".reaction");
  if (shown.length >= MOST_SHOWN) shown[0].remove();
  const element = document.createElement("span");
  element.className = "reaction";
  element.ariaHidden = "true"; // it is read aloud with others
  element.style.setProperty("--place", Math.random().toFixed(2));
  const tile = [...document.querySelectorAll(".tile")].find(
    (each) => each.dataset.session === session && each.checkVisibility(),
  );
  element.textContent = tile ? reaction : `${reaction} ${name}`;
  (tile ?? byId("stage")).append(element);
  setTimeout(() => element.remove(), SHOWN_FOR);
}

/** @param {Reaction[]} news */
function readAloud(news) {
  const lines = summary(news).map(({ reaction, names, number }) =>
    names
      ? text("reaction-of", { reaction, names: listed(names) })
      : text("reaction-of-many", { reaction, number }),
  );
  byId("reaction-log").textContent = lines.join(" ");
}

/** @param {string[]} names */
const listed = (names) =>
  new Intl.ListFormat(document.documentElement.lang, { type: "conjunction" }).format(names);
