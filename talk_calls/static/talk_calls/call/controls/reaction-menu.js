// The menu from which we react: some emoji, and the hand.

import { byId, config, text } from "../page/page.js";
import { Menu } from "../page/menu.js";
import { instead } from "./more.js";

/**
 * Let the button open the menu; `onReact` gets the emoji that was chosen.
 *
 * @param {(reaction: string) => void} onReact
 */
export function setUpReactionMenu(onReact) {
  const emoji = config.reactions.map((reaction) => ({
    label: reaction,
    name: text(reaction),
    onSelect: () => onReact(reaction),
  }));
  new Menu(byId("react"), () => {
    const hand = instead(byId("hand"));
    return [{ items: emoji }, { items: hand ? [hand] : [] }];
  });
}
