// The speaker on which the page plays, where the browser lets a page choose one.

/**
 * @import { Choices } from "./choices.js"
 * @import { Chosen, Device, DeviceList } from "./device-list.js"
 * @import { Unplugged } from "./media.js"
 */

const SYSTEM = ""; // the id of whatever the system prefers

/** @typedef {{ setSinkId?: (id: string) => Promise<void> }} Player */
/** @typedef {{ unplugged: Unplugged }} Events */

/** Dispatches `unplugged` with `{kind, label, next}`, as `Media` does. */
export class Speaker extends /** @type {TargetOf<Events>} */ (EventTarget) {
  static canChoose = "setSinkId" in (globalThis.HTMLMediaElement?.prototype ?? {});
  #list;
  #choices;
  /** @type {Device | null} */
  #used = null; // the device that was chosen while it is there, else null
  /** @type {Set<WeakRef<Player>>} */
  #elements = new Set(); // what plays, or may play again

  /**
   * @param {object} options
   * @param {DeviceList} options.list
   * @param {Choices} options.choices
   */
  constructor({ list, choices }) {
    super();
    this.#list = list;
    this.#choices = choices;
    list.addEventListener("change", () => this.#update());
    // Whatever the page plays: videos of others, screens, and elements of other parts.
    document.addEventListener(
      "play",
      ({ target }) => this.adopt(/** @type {Player} */ (target)),
      true,
    );
  }

  /** Return the device that is used; null if the browser does not tell which one it is. */
  get used() {
    return this.#used ?? this.#list.of("speaker")[0] ?? null;
  }

  /**
   * Play this element, or audio context, on the chosen speaker from now on.
   * @param {Player} element
   */
  adopt(element) {
    if (!element.setSinkId || this.#find(element)) return;
    this.#elements.add(new WeakRef(element));
    if (this.#used) this.#apply(element);
  }

  /**
   * Use this device, also at the next visit.
   * @param {Chosen} device
   */
  choose(device) {
    this.#choices.setDevice("speaker", device);
    this.#update();
  }

  /** Follow the choice, as far as the device is there. */
  #update() {
    const before = this.#used;
    this.#used = this.#list.find("speaker", this.#choices.device("speaker"));
    if (this.#used?.id === before?.id) return;
    for (const reference of this.#elements) {
      const element = reference.deref();
      if (element) this.#apply(element);
      else this.#elements.delete(reference);
    }
    if (this.#used || !before) return;
    const detail = { kind: "speaker", label: before.label, next: this.used?.label ?? null };
    this.dispatchEvent(new CustomEvent("unplugged", { detail }));
  }

  /** @param {Player} element */
  #apply(element) {
    // If it cannot be used the browser goes on with the one before.
    element.setSinkId?.(this.#used?.id ?? SYSTEM).catch(() => {});
  }

  /** @param {Player} element */
  #find(element) {
    return [...this.#elements].some((reference) => reference.deref() === element);
  }
}
