// Which state follows from what the server says about the end of a session or of a call.

const IGNORE_LOBBY = 8; // a permission

/**
 * The state for the `reason` with which the server refuses the requests of a session that ended.
 *
 * @type {Record<string, string>}
 */
const BY_REASON = {
  logged_out: "logged-out",
  login_expired: "login-expired",
  account_disabled: "account-disabled",
  replaced: "replaced",
  removed: "removed",
  banned: "banned",
  deleted: "deleted",
};

/**
 * The state for the end of our part in a call, which is the reason of its leg (`callEnd`).
 *
 * @type {Record<string, string>}
 */
const BY_CALL_END = {
  left: "left",
  room_left: "left",
  replaced: "replaced",
  removed: "removed",
  conversation_deleted: "deleted",
  ended_for_all: "ended",
  max_duration: "too-long",
  read_only: "locked",
  // To join again tells what is missing, or that it is open by now.
  permission: "call",
  lobby: "call",
};

/**
 * Return whether we have to wait in the lobby.
 *
 * @param {Pick<Room, "lobbyState" | "permissions">} room
 */
export const isInLobby = (room) => Boolean(room.lobbyState && !(room.permissions & IGNORE_LOBBY));

/**
 * Return the state after a session ended for a reason, or null if the server does not know it.
 *
 * "call" means to enter again: whoever timed out was in it until then. `isAway` tells whether that is
 * so long ago that nobody should be brought back with the camera on.
 *
 * @param {string | undefined} reason
 * @param {{ isAway: boolean }} situation
 */
export function stateAfterSession(reason, { isAway }) {
  if (reason === "timed_out") return isAway ? "timed-out" : "call";
  return BY_REASON[reason ?? ""] ?? null;
}

/**
 * Return the state after the server took us out of a call; "call" means to join again.
 *
 * `hasTimedOut` tells whether we were silent for so long that the server has to take us out.
 *
 * @param {string | null | undefined} callEnd
 * @param {{ room: Room, isAway: boolean, hasTimedOut: boolean }} situation
 */
export function stateAfterCall(callEnd, { room, isAway, hasTimedOut }) {
  if (room.readOnly) return "locked";
  if (isInLobby(room)) return "lobby";
  const isTimeout = callEnd === "timeout" || (!callEnd && hasTimedOut);
  if (isTimeout) return isAway ? "timed-out" : "call";
  return BY_CALL_END[callEnd ?? ""] ?? "out";
}
