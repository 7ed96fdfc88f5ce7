// What this browser remembers for the next visit.

const PREFIX = "talk-calls.";
const OLD_NAME = "talk_calls.name"; // the guest's name, as plain text, in older versions

moveOldName();

/**
 * Return what was remembered under a key, or null if nothing was.
 *
 * Storage may be blocked, and anybody may have changed its values: what cannot be read is null.
 * @param {string} key
 * @returns {any}
 */
export function remembered(key) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + key) ?? "null");
  } catch {
    return null;
  }
}

/**
 * Remember a value that JSON can hold; null forgets it. Without storage nothing happens.
 * @param {string} key
 * @param {unknown} value
 */
export function remember(key, value) {
  try {
    if (value === null) localStorage.removeItem(PREFIX + key);
    else localStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // blocked or full: the choice holds until the page is closed
  }
}

function moveOldName() {
  try {
    const name = localStorage.getItem(OLD_NAME);
    if (name === null) return;
    if (remembered("name") === null) remember("name", name);
    localStorage.removeItem(OLD_NAME);
  } catch {
    // blocked
  }
}
