// The link to the file of who took part in the call, for moderators after it.

const MODERATORS = new Set([1, 2]); // owner and moderator, with an account

/**
 * Return whether the server gives the file when nobody is in the call any more.
 *
 * @param {Partial<Room>} room
 */
export const mayDownload = ({ participantType }) => MODERATORS.has(participantType ?? 0);

/**
 * Show the link of a view after a call of which `room` was the conversation, or hide it.
 *
 * @param {string} view
 * @param {Partial<Room> | null} room
 */
export function showDownload(view, room) {
  const link = document.querySelector(`section[data-view="${view}"] [data-download]`);
  if (link instanceof HTMLElement) link.hidden = !room || !mayDownload(room);
}
