// What the browser remembers of the user's choices; it may forbid that, and then nothing is.

const PREFIX = "talk_calls.";

/** Return what was remembered under a key, or null. */
export function remembered(key) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + key));
  } catch {
    return null;
  }
}

/** Remember a value, which JSON can hold. */
export function remember(key, value) {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // the next visit begins with the default
  }
}
