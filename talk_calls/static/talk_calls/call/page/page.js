// Access to the page: its elements, its configuration, and its texts.

export const byId = (id) => document.getElementById(id);

const readJson = (id) => JSON.parse(byId(id).textContent);
const FROM_RIGHT =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

const texts = readJson("call-texts");

export const config = readJson("call-config");

/** Return a text in the page's language, with `{name}` filled in. */
export function text(key, values = {}) {
  return texts[key].replace(/\{(\w+)\}/g, (_, name) => isolated(values[name]));
}

/** Return a value between isolates if text around it has, or may have, another direction. */
function isolated(value) {
  const isNeeded = document.dir === "rtl" || FROM_RIGHT.test(value);
  return isNeeded ? `\u2068${value}\u2069` : value;
}

/** Return a copy of a template's element. */
export function instance(id) {
  return byId(id).content.firstElementChild.cloneNode(true);
}

/** Ask a question, and return whether the answer is yes. */
export async function ask(key, values) {
  const dialog = byId("question");
  byId("question-text").textContent = text(key, values);
  dialog.returnValue = "no";
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  return dialog.returnValue === "yes";
}
