// Which kind of connections a call has.

import { Mesh } from "./mesh.js";
import { Sfu } from "./sfu.js";

/**
 * @import { Signaling } from "../signaling/signaling.js"
 * @import { Options } from "./connections.js"
 */

/** @typedef {Mesh | Sfu} CallConnections */

/**
 * Return the connections of a call: over a media server if the signaling has one, else with each.
 *
 * `allowedKinds` returns what we may send.
 *
 * @param {Options & { signaling: Signaling, allowedKinds: () => MediaKind[] }} options
 * @returns {CallConnections}
 */
export function connectionsFor({ signaling, allowedKinds, ...options }) {
  const { hasMcu, hasSimulcast } = signaling;
  return hasMcu ? new Sfu({ ...options, hasSimulcast, allowedKinds }) : new Mesh(options);
}
