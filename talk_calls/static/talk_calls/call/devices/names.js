// What kinds of devices, and their problems, are called in the keys of texts.

/** @import { Kind } from "./device-list.js" */

export const NAMES = { audio: "microphone", video: "camera", speaker: "speaker" };

/**
 * Return the key of the text for a problem of a kind: a value of `problem` of `Media`.
 * @param {Kind} kind
 * @param {string} problem
 */
export function problemKey(kind, problem) {
  return problem === "no" ? `no-${NAMES[kind]}` : `${NAMES[kind]}-${problem}`;
}
