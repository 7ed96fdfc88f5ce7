// The menu from which we react: some emoji, and the hand.

import { byId, text } from "../page/page.js";
import { Menu } from "../page/menu.js";
import { instead } from "./more.js";

// Those that Talk's clients offer, too; keys of their names.
const OFFERED = {
  "👍": "thumbs-up",
  "❤️": "heart",
  "😂": "laughing",
  "👏": "applause",
  "🎉": "party",
  "😲": "surprise",
};

/**
 * Let the button open the menu; `onReact` gets the emoji that was chosen.
 *
 * @param {(reaction: string) => void} onReact
 */
export function setUpReactionMenu(onReact) {
  const emoji = Object.entries(OFFERED).map(([reaction, name]) => ({
    label: reaction,
    name: text(name),
    onSelect: () => onReact(reaction),
  }));
  new Menu(byId("react"), () => {
    const hand = instead(byId("hand"));
    return [{ items: emoji }, { items: hand ? [hand] : [] }];
  });
}
