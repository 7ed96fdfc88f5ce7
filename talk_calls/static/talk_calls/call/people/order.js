// In which order people are listed.

/** The browser compares names as its language does. */
const { compare } = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });

/**
 * Compare two people for sorting: who raised a hand first stands first, then come we ourselves,
 * then the others by name.
 *
 * @type {(one: Person, other: Person) => number}
 */
export function inOrder(one, other) {
  return (
    handRank(one) - handRank(other) ||
    Number(other.isOwn ?? false) - Number(one.isOwn ?? false) ||
    compare(one.name, other.name) ||
    (one.session < other.session ? -1 : Number(one.session > other.session))
  );
}

/**
 * Return the index at which an item goes into a sorted array.
 *
 * @template Item
 * @param {Item[]} sorted
 * @param {Item} item
 * @param {(one: Item, other: Item) => number} compareItems
 */
export function placeIn(sorted, item, compareItems) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareItems(sorted[middle], item) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Return since when a hand is up, in milliseconds: what its owner says, but not later than now, as
 * the clock of the owner may be ahead.
 *
 * @type {(said: any, now: number) => number}
 */
export const raisedAt = (said, now) => (Number.isFinite(said) ? Math.min(said, now) : now);

/** @param {Person} person */
const handRank = ({ hand, handAt }) => (hand ? handAt : Number.MAX_SAFE_INTEGER);

/**
 * Return whether a name has the letters that somebody searches for, whatever their accents.
 *
 * @type {(name: string, sought: string) => boolean}
 */
export const matches = (name, sought) => plain(name).includes(plain(sought.trim()));

/** @param {string} text */
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
