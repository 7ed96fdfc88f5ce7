// Access to the page: its elements, its configuration, and its texts.

/**
 * Return an element of the page, which has to be there.
 *
 * @template {string} Id
 * @param {Id} id
 * @returns {Id extends keyof PageElements ? PageElements[Id] : HTMLElement}
 */
export const byId = (id) => /** @type {any} */ (document.getElementById(id));

/** @param {string} id */
const readJson = (id) => JSON.parse(byId(id).textContent);
const FROM_RIGHT =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** @type {Record<string, string>} */
const texts = readJson("call-texts");

/** @type {Config} */
export const config = readJson("call-config");

/**
 * Return a text in the page's language, with `{name}` filled in.
 *
 * @param {string} key
 * @param {TextValues} [values]
 */
export function text(key, values = {}) {
  return texts[key].replace(/\{(\w+)\}/g, (_, name) => isolated(String(values[name])));
}

/**
 * Return a value between isolates if text around it has, or may have, another direction.
 *
 * @param {string} value
 */
export function isolated(value) {
  const isNeeded = document.dir === "rtl" || FROM_RIGHT.test(value);
  return isNeeded ? `\u2068${value}\u2069` : value;
}

/**
 * Return a copy of a template's element.
 *
 * @param {keyof PageElements & `${string}-template`} id
 * @returns {HTMLElement}
 */
export function instance(id) {
  const { firstElementChild } = byId(id).content;
  return /** @type {HTMLElement} */ (firstElementChild?.cloneNode(true));
}
