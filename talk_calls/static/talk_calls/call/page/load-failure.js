// Says at once if a script of the page does not load. It is no module, and it is loaded first, so that
// it works when nothing else does.

addEventListener(
  "error",
  ({ target }) => {
    if (!(target instanceof HTMLScriptElement)) return;
    if (document.readyState !== "loading") return showLoadFailure();
    addEventListener("DOMContentLoaded", showLoadFailure);
  },
  true, // errors of elements do not bubble
);

function showLoadFailure() {
  document.querySelector("[data-view=checking] .busy").hidden = true;
  document.querySelector("#load-failure").hidden = false;
  document.querySelector("[data-view=checking]").classList.add("failed");
}
