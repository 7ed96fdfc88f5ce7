// The list of those who are in the call.

import { byId, instance, text } from "../page/page.js";
import { Menu } from "../page/menu.js";
import { keepFocus, removeFromList } from "./focus.js";
import { inOrder, matches, placeIn } from "./order.js";

/**
 * @import { Action, Target } from "../moderation/moderation.js"
 * @import { MenuItem } from "../page/menu.js"
 */

const SEARCHED_FROM = 13; // people from whom on there is a field to search for names

/**
 * The texts of connections that are not good.
 *
 * @type {Record<string, string>}
 */
const CONNECTIONS = {
  connecting: "connection-connecting",
  weak: "connection-weak",
  unreachable: "connection-unreachable",
};

/**
 * @typedef {object} Row
 * @property {HTMLElement} item
 * @property {Menu} menu
 * @property {Person} person
 * @property {Shown | null} shown
 *
 * What is shown of a person; null while nothing is.
 * @typedef {Pick<Person, "name" | "hand" | "audio" | "isModerator"> & { state: string }} Shown
 */

export class PeopleList {
  /** @type {Map<string, Row>} */
  #rows = new Map(); // by session
  /** @type {Row[]} */
  #sorted = []; // the rows, in the order of the list
  #nameOf;
  #can;
  #onAction;
  #onRename;
  #list = byId("people");
  #search = byId("people-search");

  /**
   * `can` tells whether we may do an action of `Moderation.run`, `onAction` does it. `onRename` is
   * called when we want another name, and null if we cannot have one.
   *
   * @param {{
   *   nameOf: (person: Person) => string,
   *   can: (action: Action) => boolean,
   *   onAction: (action: Action, target: Target) => void,
   *   onRename: (() => void) | null,
   * }} options
   */
  constructor({ nameOf, can, onAction, onRename }) {
    this.#nameOf = nameOf;
    this.#can = can;
    this.#onAction = onAction;
    this.#onRename = onRename;
    this.#search.addEventListener("input", () => this.#filter());
  }

  get size() {
    return this.#rows.size;
  }

  /**
   * Show the state of a person, in one row; the rows of others stay as they are.
   *
   * @param {Person} person
   */
  show(person) {
    const known = this.#rows.get(person.session);
    const isPlaced = known && inOrder(known.person, person) === 0;
    const row = known ?? this.#add(person);
    row.person = person;
    if (!isPlaced) this.#place(row);
    const { hand, audio, isModerator = false } = person;
    const shown = {
      name: this.#nameOf(person),
      state: stateText(person),
      hand,
      audio,
      isModerator,
    };
    this.#write(row, shown);
  }

  /** Show what can be done to people, as our role has changed. */
  updateActions() {
    for (const row of this.#rows.values()) this.#updateMore(row);
  }

  /** @param {Person} person */
  remove({ session }) {
    const row = this.#rows.get(session);
    if (!row) return;
    row.menu.close();
    this.#rows.delete(session);
    this.#sorted.splice(this.#sorted.indexOf(row), 1);
    removeFromList(row.item, ".more", byId("panel-heading"));
    this.#updateSearch();
  }

  /** @param {Person} person */
  #add(person) {
    const item = instance("person-template");
    const menu = new Menu(item.querySelector(".more"), () => [{ items: this.#actions(row) }]);
    /** @type {Row} */
    const row = { item, menu, person, shown: null };
    const rename = item.querySelector(".rename");
    rename.hidden = !(person.isOwn && this.#onRename);
    rename.addEventListener("click", () => this.#onRename?.());
    this.#rows.set(person.session, row);
    this.#updateMore(row);
    this.#updateSearch();
    return row;
  }

  /**
   * Put a row where it belongs; what has the focus in it keeps it.
   *
   * @param {Row} row
   */
  #place(row) {
    const { item } = row;
    if (item.isConnected) this.#sorted.splice(this.#sorted.indexOf(row), 1);
    const index = placeIn(this.#sorted, row, (one, other) => inOrder(one.person, other.person));
    const successor = this.#sorted[index]?.item ?? null;
    this.#sorted.splice(index, 0, row);
    if (item.isConnected && item.nextElementSibling === successor) return;
    keepFocus(
      item,
      () => this.#list.insertBefore(item, successor),
      () => [],
    );
  }

  /**
   * Write what has changed of a row.
   *
   * @type {(row: Row, shown: Shown) => void}
   */
  #write(row, shown) {
    const { item, shown: before } = row;
    /** @param {keyof Shown} key */
    const isNew = (key) => before?.[key] !== shown[key];
    row.shown = shown;
    if (isNew("state")) item.querySelector(".state").textContent = shown.state;
    if (isNew("isModerator")) item.querySelector(".role").hidden = !shown.isModerator;
    if (isNew("hand")) item.querySelector(".hand").toggleAttribute("hidden", !shown.hand);
    if (isNew("audio")) row.menu.refresh();
    if (!isNew("name")) return;
    item.querySelector(".name").textContent = shown.name;
    item
      .querySelector(".more")
      .setAttribute("aria-label", text("actions-for", { name: shown.name }));
    item.hidden = !this.#isFound(row.person);
  }

  /** @param {Row} row */
  #updateMore({ item, person }) {
    const hasActions = this.#can("mute") || this.#can("remove");
    item.querySelector(".more").hidden = person.isOwn || !hasActions;
  }

  /** @param {Row} row */
  #actions({ person, shown }) {
    const { session, audio, isModerator } = person;
    /** @type {(action: Action, key: string, icon: string) => MenuItem} */
    const item = (action, key, icon) => ({
      label: text(key),
      icon,
      onSelect: () => this.#onAction(action, { session, name: shown?.name }),
    });
    const items = [];
    if (this.#can("mute") && audio) items.push(item("mute", "mute-person", "mute"));
    if (this.#can("mute") && !audio) items.push(item("ask-to-unmute", "ask-to-unmute", "ask"));
    if (this.#can("remove")) items.push(item("remove", "remove-person", "remove"));
    if (this.#can("ban") && !isModerator) items.push(item("ban", "ban-person", "ban"));
    return items;
  }

  // --- searching ---

  #updateSearch() {
    const isOffered = this.size >= SEARCHED_FROM;
    const field = byId("people-search-field");
    keepFocus(
      field,
      () => (field.hidden = !isOffered),
      () => [byId("panel-heading")],
    );
    if (!isOffered && this.#search.value) {
      this.#search.value = "";
      this.#filter();
    }
  }

  /** @param {Person} person */
  #isFound = (person) => !this.#search.value || matches(this.#nameOf(person), this.#search.value);

  #filter() {
    let number = 0;
    for (const { item, person } of this.#rows.values()) {
      item.hidden = !this.#isFound(person);
      if (!item.hidden) number++;
    }
    byId("people-found").textContent = this.#search.value ? text("found", { number }) : "";
  }
}

/** @param {Person} person */
function stateText({ hand, audio, speaking, connection = "good" }) {
  const keys = [
    CONNECTIONS[connection],
    hand && "has-hand-up",
    !audio && "is-muted",
    speaking && "is-speaking",
  ];
  return keys.flatMap((key) => (key ? text(key) : [])).join(", ");
}
