// Refreshes the page of live calls, unless the user is working in a part that would be replaced.

const INTERVAL = 10_000; // ms

const button = document.querySelector("#talk-refresh");
const state = document.querySelector("#talk-refresh-state");
const parts = () => [...document.querySelectorAll("[data-talk-live]")];

let paused = false;
let isReplaced = false; // whether there are rows that Django's script for actions does not know

/** Return whether the user would lose a focus, a ticked box, or a selection of text. */
function isBusy() {
  const selection = getSelection();
  const selected = selection.isCollapsed ? null : selection.anchorNode;
  return parts().some(
    (part) =>
      part.contains(document.activeElement) ||
      part.contains(selected) ||
      part.querySelector("input[type=checkbox]:checked"),
  );
}

/** Fetch the page again; throw if the answer is another page, as after a logout. */
async function fetchPage() {
  const response = await fetch(location.href, { cache: "no-store" });
  if (!response.ok || response.redirected) throw new Error(`status ${response.status}`);
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

function replace(page) {
  for (const part of parts()) {
    const replacement = page.getElementById(part.id);
    if (!replacement) continue;
    const scrolled = part.querySelector(".results")?.scrollLeft;
    part.replaceChildren(...document.adoptNode(replacement).childNodes);
    if (scrolled) part.querySelector(".results")?.scrollTo({ left: scrolled });
  }
  isReplaced = true;
}

/** Register the new rows with Django's script for actions, when the user first touches them. */
function registerRows() {
  if (!isReplaced || !document.querySelector("#action-toggle")) return;
  isReplaced = false;
  globalThis.Actions?.(document.querySelectorAll("tr input.action-select"));
}

async function refresh() {
  if (paused || document.hidden) return;
  if (isBusy()) return showState(state.dataset.busy);
  try {
    const page = await fetchPage();
    if (paused || isBusy()) return;
    replace(page);
    showState(state.dataset.running);
  } catch {
    showState(state.dataset.failed);
  }
}

function showState(text) {
  state.textContent = text;
}

button.addEventListener("click", () => {
  paused = !paused;
  button.textContent = paused ? button.dataset.resume : button.dataset.pause;
  showState(paused ? state.dataset.paused : state.dataset.running);
  refresh();
});

for (const event of ["pointerdown", "focusin"]) {
  document.querySelector("#talk-live-list").addEventListener(event, registerRows, true);
}
document.addEventListener("visibilitychange", refresh);

// If the chart is wider than the screen, scroll to its end, where the newest values are.
document.querySelector("#talk-load-picture").scrollLeft = Number.MAX_SAFE_INTEGER;
button.hidden = false;
showState(state.dataset.running);
setInterval(refresh, INTERVAL);
