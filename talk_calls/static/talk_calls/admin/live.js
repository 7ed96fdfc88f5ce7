// Keeps the page of live calls up to date while nobody works in what would be replaced.

const EVERY = 10_000; // ms

const button = document.querySelector("#talk-refresh");
const state = document.querySelector("#talk-refresh-state");
const parts = () => [...document.querySelectorAll("[data-talk-live]")];

let paused = false;
let stale = false; // whether Django's own script knows the rows of the list

/** Tell whether somebody would lose what they are at: a focus, a tick, a selection of text. */
function busy() {
  const selection = getSelection();
  const selected = selection.isCollapsed ? null : selection.anchorNode;
  return parts().some(
    (part) =>
      part.contains(document.activeElement) ||
      part.contains(selected) ||
      part.querySelector("input[type=checkbox]:checked"),
  );
}

/** Return the same page as it is now; throws if that is another page, as when logged out. */
async function fetchPage() {
  const answer = await fetch(location.href, { cache: "no-store" });
  if (!answer.ok || answer.redirected) throw new Error(`answered ${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function replace(page) {
  for (const part of parts()) {
    const news = page.getElementById(part.id);
    if (!news) continue;
    const scrolled = part.querySelector(".results")?.scrollLeft;
    part.replaceChildren(...document.adoptNode(news).childNodes);
    if (scrolled) part.querySelector(".results")?.scrollTo({ left: scrolled });
  }
  stale = true;
}

/** Have Django's script for actions know the new rows, once somebody reaches for them. */
function introduce() {
  if (!stale || !document.querySelector("#action-toggle")) return;
  stale = false;
  globalThis.Actions?.(document.querySelectorAll("tr input.action-select"));
}

async function refresh() {
  if (paused || document.hidden) return;
  if (busy()) return say("Waiting while you are in the list.");
  try {
    const page = await fetchPage();
    if (paused || busy()) return;
    replace(page);
    say("Refreshes every 10 seconds.");
  } catch {
    say("Could not refresh. Reload the page if this stays.");
  }
}

function say(words) {
  state.textContent = words;
}

button.addEventListener("click", () => {
  paused = !paused;
  button.textContent = paused ? "Resume" : "Pause";
  say(paused ? "Paused." : "Refreshes every 10 seconds.");
  refresh();
});

for (const event of ["pointerdown", "focusin"]) {
  document.querySelector("#talk-live-list").addEventListener(event, introduce, true);
}
document.addEventListener("visibilitychange", refresh);

// Where the picture is wider than the screen, what is new is at its end.
document.querySelector("#talk-load-picture").scrollLeft = Number.MAX_SAFE_INTEGER;
button.hidden = false;
say("Refreshes every 10 seconds.");
setInterval(refresh, EVERY);
