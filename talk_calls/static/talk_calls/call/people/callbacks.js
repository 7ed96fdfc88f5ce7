// What follows from what connections tell of the others in the call.

import { announce } from "../page/toasts.js";
import { FLAGS } from "./flags.js";

/**
 * @import { Callbacks } from "../connections/connections.js"
 * @import { Stage } from "../stage/stage.js"
 * @import { Messages } from "./messages.js"
 * @import { Names } from "./names.js"
 * @import { OwnState } from "./own-state.js"
 * @import { People } from "./people.js"
 */

/**
 * Return the callbacks for the connections of a call.
 *
 * @param {{
 *   people: People,
 *   stage: Stage,
 *   names: Names,
 *   messages: Messages,
 *   own: OwnState,
 *   isRunning: () => boolean,
 * }} parts
 * @returns {Callbacks}
 */
export function callbacksFor({ people, stage, names, messages, own, isRunning }) {
  return {
    joined(session, flags) {
      const audio = Boolean(flags & FLAGS.audio);
      people.set(session, { audio, video: Boolean(flags & FLAGS.video), isNew: true });
      names.loadSoon();
    },
    left: (session) => people.delete(session),
    flags: (session, flags) => people.set(session, { video: Boolean(flags & FLAGS.video) }),
    track: (session, track) => stage.attach(session, track),
    screen(session, track) {
      const person = people.get(session);
      if (!person) return;
      stage.screen(person, track);
      if (isRunning() && track?.kind !== "audio")
        announce(track ? "shares-screen" : "screen-ended", { name: names.of(person) });
    },
    status: (session, type, payload) => messages.takeStatus(session, type, payload),
    message: (session, message) => messages.take(session, message),
    open: (session) => own.sendAll(session),
    connection: (session, connection, connectionHint) =>
      people.set(session, { connection, connectionHint }),
  };
}
