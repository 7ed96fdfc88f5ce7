// How the page and the other participants exchange messages, and learn who is in the call.

import { Hpb } from "./hpb.js";
import { LongPoll } from "./long-poll.js";

/** @import { Api } from "../api/api.js" */

/** @typedef {LongPoll | Hpb} Signaling */

/**
 * Return the signaling of a session of the API, as the settings of the API say.
 *
 * Both kinds have:
 * - `id`: our id among the sessions of lists and messages; null before the first connection
 * - `hasMcu`: whether a media server forwards media; `hasSimulcast`: and one of several sizes
 * - `silence`: how many milliseconds the site did not hear of us before it did now
 * - `run()`: connect, and stay connected until stopped or the session is gone
 * - `joined()`: wait for the first connection; return false if there is none any more
 * - `send(message)`: send a message to the session `message.to`
 * - `stop()`
 *
 * They call `onUpdate(users, messages)` with the list of users (null if it is the same or not known)
 * and messages; `onNewId()` when `id` is another one than before, with which all connections begin
 * anew; `onSessionGone({ status, reason })` when the session has ended, with the status of the API that
 * says so, and its reason if it is known; and `onConnectionLost(isLost)`.
 *
 * @param {SignalingCallbacks & {
 *   api: Api,
 *   session: string,
 *   settings: SignalingSettings,
 * }} options
 * @returns {Signaling}
 */
export function signalingFor({ api, session, settings, ...callbacks }) {
  return settings.signalingMode === "internal"
    ? new LongPoll({ api, session, ...callbacks })
    : new Hpb({ api, session, settings, ...callbacks });
}
