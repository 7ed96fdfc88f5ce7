// As much of a page as modules need to be loaded without a browser.

/** Make a page that has no elements and no texts. */
export function setUpPage() {
  globalThis.document = Object.assign(new EventTarget(), {
    dir: "ltr",
    visibilityState: "visible",
    getElementById: () => ({ textContent: "{}" }),
  });
}
