// What is wrong with the devices, and how to help it, above the button that joins.

import { byId, text } from "../page/page.js";
import { problemKey } from "./names.js";

const KINDS = ["audio", "video"];
/** Keys of texts. */
export const HELP = { denied: "help-denied", system: "help-system" };

export function setUpNotes(media) {
  byId("retry-devices").addEventListener("click", () => media.retry());
  media.addEventListener("change", () => showNotes(media));
}

function showNotes(media) {
  const problems = KINDS.filter((kind) => media.wants[kind] && media.problem[kind]);
  const notes = media.waitsFor ? [text(`browser-${media.waitsFor}`)] : problemKeys(media, problems);
  const items = notes.map((note) =>
    Object.assign(document.createElement("li"), { textContent: note }),
  );
  byId("device-notes").replaceChildren(...items);
  byId("device-notes").classList.toggle("error", !media.waitsFor);
  const help = problems.map((kind) => HELP[media.problem[kind]]).find(Boolean);
  const isHelpShown = Boolean(help) && !media.waitsFor;
  byId("device-help").hidden = !isHelpShown;
  byId("device-help").textContent = isHelpShown ? text(help) : "";
  const canRetry = problems.some((kind) => media.problem[kind] !== "not-allowed");
  byId("retry-devices").hidden = !canRetry || Boolean(media.waitsFor);
}

/** Return a line for each problem; one for both if they are the same. */
function problemKeys(media, kinds) {
  const [first, second] = kinds.map((kind) => media.problem[kind]);
  if (first && first === second) return [text(first === "no" ? "no-devices" : `devices-${first}`)];
  return kinds.map((kind) => text(problemKey(kind, media.problem[kind])));
}
