// What is wrong with the devices, and how to help it, above the button that joins.

import { byId, text } from "../page/page.js";
import { problemKey } from "./names.js";

/** @import { Media, Problem } from "./media.js" */

/** @type {MediaKind[]} */
const KINDS = ["audio", "video"];
/** Keys of texts. @type {Partial<Record<Problem, string>>} */
export const HELP = { denied: "help-denied", system: "help-system" };

/** @param {Media} media */
export function setUpNotes(media) {
  byId("retry-devices").addEventListener("click", () => media.retry());
  media.addEventListener("change", () => showNotes(media));
}

/** @param {Media} media */
function showNotes(media) {
  const problems = problemsOf(media);
  const notes = media.waitsFor ? [text(`browser-${media.waitsFor}`)] : problemTexts(problems);
  const items = notes.map((note) =>
    Object.assign(document.createElement("li"), { textContent: note }),
  );
  byId("device-notes").replaceChildren(...items);
  byId("device-notes").classList.toggle("error", !media.waitsFor);
  const help = media.waitsFor ? null : problems.map(({ problem }) => HELP[problem]).find(Boolean);
  byId("device-help").hidden = !help;
  byId("device-help").textContent = help ? text(help) : "";
  const canRetry = problems.some(({ problem }) => problem !== "not-allowed");
  byId("retry-devices").hidden = !canRetry || Boolean(media.waitsFor);
}

/**
 * Return what is wrong with the kinds that are wanted.
 * @param {Media} media
 */
function problemsOf(media) {
  return KINDS.flatMap((kind) => {
    const problem = media.wants[kind] ? media.problem[kind] : null;
    return problem ? [{ kind, problem }] : [];
  });
}

/**
 * Return a line for each problem; one for both if they are the same.
 * @param {{ kind: MediaKind, problem: Problem }[]} problems
 */
function problemTexts(problems) {
  const [first, second] = problems.map(({ problem }) => problem);
  if (first && first === second) return [text(first === "no" ? "no-devices" : `devices-${first}`)];
  return problems.map(({ kind, problem }) => text(problemKey(kind, problem)));
}
