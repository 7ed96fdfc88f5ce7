// The views of the page, one of which is shown.

/** @type {HTMLElement[]} */
const sections = [...document.querySelectorAll("section[data-view]")];

/**
 * Show one section and hide the others; its heading gets the focus, so that it is read aloud.
 *
 * @param {string} name
 */
export function show(name) {
  const isFirst = document.body.dataset.view === "checking";
  document.body.dataset.view = name;
  for (const section of sections) section.hidden = section.dataset.view !== name;
  // The first view leaves the focus where it is.
  if (!isFirst)
    sections
      .find((section) => section.dataset.view === name)
      ?.querySelector("h2")
      .focus();
}
