// Keeps the browser logged in during a call over a signaling server, which the site hears nothing of.

/** @import { Api } from "../api/api.js" */

const INTERVAL = 60_000; // ms; the site prolongs a login once a minute at most

/**
 * Ask the site how the visit stands from time to time, as long as `isInCall` returns true.
 *
 * @param {{ api: Pick<Api, "visit">, isInCall: () => boolean }} options
 */
export function keepLogin({ api, isInCall }) {
  setInterval(() => {
    if (isInCall()) api.visit().catch(() => {}); // the next one may arrive
  }, INTERVAL);
}
