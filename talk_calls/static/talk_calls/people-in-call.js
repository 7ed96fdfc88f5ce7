// <talk-people-in-call token="…" people="2" source="/talk/people-in-calls">In the call: 2</…>
//
// Keeps the number of people in a call current. All elements of a page share one request, which is
// made while the page is visible, and rarer while it fails. The element has no shadow DOM: the
// site's style sheets apply. The event "talk-people-changed" (detail: {token, people}) bubbles.
// A join button of the same call says what it now does.

const INTERVAL = 15_000; // milliseconds
const LONGEST = 300_000; // milliseconds between requests that fail
const MOST_TOKENS = 200; // of one request

const elements = new Set();
let timer = null;
let failures = 0;

/** Ask soon: once for all elements that a page adds at the same time. */
function schedule(delay) {
  clearTimeout(timer);
  timer = elements.size && !document.hidden ? setTimeout(refresh, delay) : null;
}

async function refresh() {
  try {
    await Promise.all([...bySource()].map(([source, members]) => ask(source, members)));
    failures = 0;
  } catch {
    failures += 1;
  }
  schedule(Math.min(INTERVAL * 2 ** failures, LONGEST));
}

function bySource() {
  const groups = new Map();
  for (const element of elements) {
    const source = element.getAttribute("source");
    if (!source) continue;
    groups.set(source, [...(groups.get(source) ?? []), element]);
  }
  return groups;
}

async function ask(source, members) {
  const answers = {};
  const tokens = [...new Set(members.map((element) => element.getAttribute("token")))];
  for (let start = 0; start < tokens.length; start += MOST_TOKENS) {
    const url = new URL(source, document.baseURI);
    for (const token of tokens.slice(start, start + MOST_TOKENS)) {
      url.searchParams.append("token", token);
    }
    const response = await fetch(url, { headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(`${response.status}`);
    const found = await response.json();
    Object.assign(answers, found);
  }
  for (const element of members) element.show(answers[element.getAttribute("token")]);
}

class PeopleInCall extends HTMLElement {
  connectedCallback() {
    elements.add(this);
    if (timer === null) schedule(INTERVAL);
  }

  disconnectedCallback() {
    elements.delete(this);
    if (!elements.size) schedule(0);
  }

  /** Show what the site told of the call; without an answer the viewer may not see it any more. */
  show({ people = 0, text = "" } = {}) {
    if (this.textContent === text) return;
    this.setAttribute("people", people);
    this.textContent = text;
    const detail = { token: this.getAttribute("token"), people };
    updateButtons(detail);
    this.dispatchEvent(new CustomEvent("talk-people-changed", { bubbles: true, detail }));
  }
}

function updateButtons({ token, people }) {
  for (const button of document.querySelectorAll(".talk-join-button[data-token]")) {
    if (button.dataset.token !== token) continue;
    button.classList.toggle("talk-join-button-running", people > 0);
    button.textContent = people ? button.dataset.join : button.dataset.start;
  }
}

document.addEventListener("visibilitychange", () => schedule(0));
customElements.define("talk-people-in-call", PeopleInCall);
