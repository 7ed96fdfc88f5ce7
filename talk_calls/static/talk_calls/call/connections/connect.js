// @ts-check
// Which kind of connections a call has.

import { Mesh } from "./mesh.js";
import { Sfu } from "./sfu.js";

/**
 * @import { Kind } from "../devices/media.js"
 * @import { Signaling } from "../signaling/signaling.js"
 */

/** @typedef {Mesh | Sfu} CallConnections */

/**
 * Return the connections of a call: over a media server if the signaling has one, else with each.
 *
 * `allowedKinds` returns what we may send, of "audio" and "video"; the other options are those of
 * `Connections`.
 *
 * @param {{
 *   signaling: Pick<Signaling, "hasMcu" | "hasSimulcast">,
 *   allowedKinds: () => Kind[],
 *   session: string,
 *   servers: RTCIceServer[],
 *   localStream: MediaStream,
 *   nick: () => string,
 *   send: (message: Message) => void,
 *   on: ConnectionCallbacks,
 * }} options
 * @returns {CallConnections}
 */
export function connectionsFor({ signaling, allowedKinds, ...options }) {
  const { hasMcu, hasSimulcast } = signaling;
  return hasMcu ? new Sfu({ ...options, hasSimulcast, allowedKinds }) : new Mesh(options);
}
