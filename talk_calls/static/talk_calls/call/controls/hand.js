// Our raised hand.

import { byId } from "../page/page.js";
import { label } from "./button.js";

export class Hand {
  #isUp = false;

  /** `onChange` gets whether the hand is up, after the user raised or lowered it. */
  constructor({ onChange }) {
    byId("hand").addEventListener("click", () => {
      this.#show(!this.#isUp);
      onChange(this.#isUp);
    });
  }

  get isUp() {
    return this.#isUp;
  }

  /** Lower the hand, and tell nobody: the call is over. */
  reset() {
    this.#show(false);
  }

  #show(isUp) {
    this.#isUp = isUp;
    label("hand", isUp ? "lower-hand" : "raise-hand", isUp);
  }
}

/** Return the message that tells others whether our hand is up. */
export const handMessage = (state) => ({
  type: "raiseHand",
  payload: { state, timestamp: Date.now() },
});
