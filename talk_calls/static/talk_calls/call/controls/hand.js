// Our raised hand.

import { byId } from "../page/page.js";
import { label } from "./button.js";

export class Hand {
  /** Since when it is up, in milliseconds; 0 while it is not. */
  raisedAt = 0;

  /**
   * `onChange` gets whether the hand is up, after the user raised or lowered it.
   *
   * @param {{ onChange: (isUp: boolean) => void }} options
   */
  constructor({ onChange }) {
    byId("hand").addEventListener("click", () => {
      this.#show(!this.isUp);
      onChange(this.isUp);
    });
  }

  get isUp() {
    return this.raisedAt > 0;
  }

  /** Lower the hand, and tell nobody: the call is over. */
  reset() {
    this.#show(false);
  }

  /** @param {boolean} isUp */
  #show(isUp) {
    this.raisedAt = isUp ? Date.now() : 0;
    label("hand", isUp ? "lower-hand" : "raise-hand", isUp);
  }
}

/**
 * Return the message that tells others whether our hand is up, and since when.
 *
 * @type {(raisedAt: number) => Message}
 */
export const handMessage = (raisedAt) => ({
  type: "raiseHand",
  payload: { state: raisedAt > 0, timestamp: raisedAt || Date.now() },
});
