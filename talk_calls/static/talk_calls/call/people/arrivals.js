// Tells who joins the call and who leaves it.

import { playArrival } from "../controls/sounds.js";
import { announce } from "../page/toasts.js";
import { Attendance } from "./attendance.js";

/** @import { People } from "./people.js" */

export class Arrivals {
  #attendance = new Attendance((what, name) => this.#tell(what, name));
  #isFirstList = true; // people of the first list joined before us, so they are not announced

  /**
   * @param {{
   *   people: People,
   *   nameOf: (person: Person) => string,
   *   isRunning: () => boolean,
   * }} options
   */
  constructor({ people, nameOf, isRunning }) {
    this.people = people;
    this.nameOf = nameOf;
    this.isRunning = isRunning;
  }

  /** We begin to take part. */
  begin() {
    this.#isFirstList = true;
  }

  /** The people are those of the server's list. */
  listed() {
    if (this.#isFirstList)
      for (const { session } of this.people.all) this.people.set(session, { isNew: false });
    this.#isFirstList = false;
  }

  /** Tell who joined since the last time, as their names were loaded. */
  named() {
    for (const person of this.people.all) {
      if (!person.isNew) continue;
      this.people.set(person.session, { isNew: false });
      this.#attendance.joined(actorOf(person), this.nameOf(person));
    }
  }

  /** @param {Person} person */
  left(person) {
    if (this.isRunning()) this.#attendance.left(actorOf(person), this.nameOf(person));
  }

  /** Our own connections begin anew: these people have not left, and do not join. */
  keep() {
    this.#attendance.keep(this.people.all.map(actorOf));
  }

  /** @type {(what: "joined" | "left", name: string) => void} */
  #tell(what, name) {
    if (!this.isRunning()) return;
    announce(what, { name });
    playArrival(what, this.people.all.length);
  }
}

/**
 * Return who somebody is on whichever device; of some we know the session only.
 *
 * @param {Person} person
 */
const actorOf = ({ session, actor }) => actor ?? session;
