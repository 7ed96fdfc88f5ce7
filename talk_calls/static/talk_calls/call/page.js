// What the server wrote into the page: its elements, its settings, its words.

export const byId = (id) => document.getElementById(id);

const written = (id) => JSON.parse(byId(id).textContent);
const SHOWN = 6000; // ms
const MOST_LINES = 2;

const texts = written("call-texts");

export const config = written("call-config");

/** Return a text in the page's language, with `{name}` filled in. */
export function text(key, values = {}) {
  return texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Return what a template holds, as an element of its own. */
export function instance(id) {
  return byId(id).content.firstElementChild.cloneNode(true);
}

/** Say something to everybody: it is shown for a while, and read aloud where that is asked for. */
export function announce(key, values) {
  const line = document.createElement("p");
  line.textContent = text(key, values);
  byId("log").append(line);
  setTimeout(() => line.remove(), SHOWN);
  // The older ones were read by now, and would hide the faces.
  while (byId("log").children.length > MOST_LINES) byId("log").firstElementChild.remove();
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
