// Delays, retries and batching.

import { Unreachable } from "./api.js";

/**
 * @param {number} ms
 * @returns {Promise<void>}
 */
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const FIRST = 500; // ms
const LONGEST = 8000; // ms

/**
 * Wait after a failure: exponentially longer, with jitter, or until the browser is online.
 *
 * @param {number} failures how many there were, one after the other
 */
export async function backOff(failures) {
  const longest = Math.min(LONGEST, FIRST * 2 ** (failures - 1));
  const online = new Promise((resolve) => addEventListener("online", resolve, { once: true }));
  await Promise.race([sleep(longest * (0.5 + Math.random() / 2)), online]);
}

/**
 * Call `attempt` until the server can be reached, and return its result or throw its refusal.
 * `onConnectionLost` is called with true after each failure, and with false at the end.
 *
 * @template Result
 * @param {() => Promise<Result>} attempt
 * @param {(isLost: boolean) => void} onConnectionLost
 */
export async function retry(attempt, onConnectionLost) {
  for (let failures = 1; ; failures++) {
    try {
      const result = await attempt();
      onConnectionLost(false);
      return result;
    } catch (error) {
      if (!(error instanceof Unreachable)) {
        onConnectionLost(false);
        throw error;
      }
      onConnectionLost(true);
      await backOff(failures);
    }
  }
}

/**
 * Return a function that runs `action` `ms` after its first call; calls until then are merged.
 *
 * @param {() => void} action
 * @param {number} ms
 */
export function batched(action, ms) {
  let isWaiting = false;
  return () => {
    if (isWaiting) return;
    isWaiting = true;
    setTimeout(() => {
      isWaiting = false;
      action();
    }, ms);
  };
}
