// Waiting, and trying again.

import { Unreachable } from "./api.js";

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const FIRST = 500; // ms
const LONGEST = 8000; // ms

/** Wait longer after each failure, and not all at the same moment; being online is a hint. */
export async function backOff(failures) {
  const longest = Math.min(LONGEST, FIRST * 2 ** (failures - 1));
  const online = new Promise((resolve) => addEventListener("online", resolve, { once: true }));
  await Promise.race([sleep(longest * (0.5 + Math.random() / 2)), online]);
}

/** Return what `attempt` does once the server can be reached; `onTrouble` hears of each failure. */
export async function persist(attempt, onTrouble) {
  for (let failures = 1; ; failures++) {
    try {
      const result = await attempt();
      onTrouble(false);
      return result;
    } catch (error) {
      if (!(error instanceof Unreachable)) {
        onTrouble(false);
        throw error;
      }
      onTrouble(true);
      await backOff(failures);
    }
  }
}

/** Return a function that runs `action` once, `ms` after the first of many calls. */
export function gathered(action, ms) {
  let timer = null;
  return () => {
    timer ??= setTimeout(() => {
      timer = null;
      action();
    }, ms);
  };
}
