// The link of the conversation, for others.

import { byId } from "../page/page.js";
import { announce } from "../page/toasts.js";

const link = () => location.origin + location.pathname;

export function setUpInvitation() {
  for (const button of document.querySelectorAll("[data-invite]"))
    button.addEventListener("click", invite);
  byId("copy").addEventListener("click", copyLink);
}

/** Offer the link to the programs that the device shares with, or copy it. */
export async function invite() {
  if (!navigator.share) return copyLink();
  try {
    await navigator.share({ title: byId("conversation").textContent, url: link() });
  } catch (error) {
    // AbortError: the user changed their mind.
    if (/** @type {Error} */ (error).name !== "AbortError") await copyLink();
  }
}

async function copyLink() {
  try {
    await navigator.clipboard.writeText(link());
    announce("copied");
  } catch {
    announce("not-copied", { link: link() });
  }
}
