// The list of those who are in the call.

import { byId, instance, text } from "../page/page.js";
import { Menu } from "../page/menu.js";
import { keepFocus, removeFromList } from "./focus.js";
import { inOrder, matches, placeIn } from "./order.js";

const SEARCHED_FROM = 13; // people from whom on there is a field to search for names

// The texts of connections that are not good.
const CONNECTIONS = {
  connecting: "connection-connecting",
  weak: "connection-weak",
  unreachable: "connection-unreachable",
};

export class PeopleList {
  #rows = new Map(); // session → row: item, menu, person, and what is shown of them
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

  /** Show the state of a person, in one row; the rows of others stay as they are. */
  show(person) {
    const row = this.#rows.get(person.session) ?? this.#add(person);
    const before = row.person;
    row.person = person;
    if (!before || inOrder(before, person) !== 0) this.#place(row);
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

  remove({ session }) {
    const row = this.#rows.get(session);
    if (!row) return;
    row.menu.close();
    this.#rows.delete(session);
    this.#sorted.splice(this.#sorted.indexOf(row), 1);
    removeFromList(row.item, ".more", byId("panel-heading"));
    this.#updateSearch();
  }

  #add(person) {
    const item = instance("person-template");
    const more = item.querySelector(".more");
    const row = { item, person: null, shown: null, menu: null };
    row.menu = new Menu(more, () => [{ items: this.#actions(row) }]);
    const rename = item.querySelector(".rename");
    rename.hidden = !(person.isOwn && this.#onRename);
    rename.addEventListener("click", () => this.#onRename());
    this.#rows.set(person.session, row);
    this.#updateMore({ ...row, person });
    this.#updateSearch();
    return row;
  }

  /** Put a row where it belongs; what has the focus in it keeps it. */
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

  /** Write what has changed of a row. */
  #write(row, shown) {
    const { item } = row;
    const before = row.shown ?? {};
    const isNew = (key) => before[key] !== shown[key];
    row.shown = shown;
    if (isNew("state")) item.querySelector(".state").textContent = shown.state;
    if (isNew("isModerator")) item.querySelector(".role").hidden = !shown.isModerator;
    if (isNew("hand")) item.querySelector(".hand").toggleAttribute("hidden", !shown.hand);
    if (isNew("audio")) row.menu.refresh();
    if (!isNew("name")) return;
    item.querySelector(".name").textContent = shown.name;
    item.querySelector(".more").setAttribute("aria-label", text("actions-for", shown));
    item.hidden = !this.#isFound(row.person);
  }

  #updateMore({ item, person }) {
    const hasActions = ["mute", "remove"].some((action) => this.#can(action));
    item.querySelector(".more").hidden = person.isOwn || !hasActions;
  }

  #actions({ person, shown }) {
    const { session, audio } = person;
    const item = (action, key, icon) => ({
      label: text(key),
      icon,
      onSelect: () => this.#onAction(action, { session, name: shown.name }),
    });
    const items = [];
    if (this.#can("mute") && audio) items.push(item("mute", "mute-person", "mute"));
    if (this.#can("mute") && !audio) items.push(item("ask-to-unmute", "ask-to-unmute", "ask"));
    if (this.#can("remove")) items.push(item("remove", "remove-person", "remove"));
    return items;
  }

  // --- searching ---

  #updateSearch() {
    const isOffered = this.size >= SEARCHED_FROM;
    byId("people-search-field").hidden = !isOffered;
    if (!isOffered && this.#search.value) {
      this.#search.value = "";
      this.#filter();
    }
  }

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

function stateText({ hand, audio, speaking, connection }) {
  const keys = [
    CONNECTIONS[connection],
    hand && "has-hand-up",
    !audio && "is-muted",
    speaking && "is-speaking",
  ];
  return keys
    .filter(Boolean)
    .map((key) => text(key))
    .join(", ");
}
