// Who is in the room of a High-performance Backend, as its events tell.

/** The site divides a list of more rows than that, since requests to the server have a maximum size. */
const WHOLE = 40;

/**
 * @typedef {object} RosterEvent an event of the server
 * @property {string} target
 * @property {string} type
 * @property {{ sessionid: string, roomsessionid: string }[]} [join]
 * @property {string[]} [leave]
 * @property {RosterUpdate} [update]
 */

/** @typedef {{ all?: boolean, incall?: number, users?: Partial<User>[] }} RosterUpdate */

export class Roster {
  /** @type {Map<string, User>} */
  #rows = new Map(); // by session
  /** @type {Set<string>} */
  #told = new Set(); // sessions of which we were told whether they are in the call

  /** The rows of all sessions in the room, with the session of the API as `nextcloudSessionId`. */
  get users() {
    return [...this.#rows.values()];
  }

  /**
   * Return whether the server told if this session is in the call.
   *
   * @param {string} session
   */
  knows = (session) => this.#told.has(session);

  /** @param {RosterEvent} event */
  apply({ target, type, join = [], leave = [], update = {} }) {
    if (target === "room" && type === "join")
      for (const { sessionid, roomsessionid } of join)
        this.#merge({ sessionId: sessionid, nextcloudSessionId: roomsessionid });
    if (target === "room" && type === "leave")
      for (const session of leave) {
        this.#rows.delete(session);
        this.#told.delete(session);
      }
    if (target === "participants" && type === "update") this.#update(update);
  }

  /**
   * An update of a large call may have a part of the rows only. In a small one whoever it lacks is
   * not in the call any more: of those whose node of a cluster has died nobody tells that they left.
   *
   * @param {RosterUpdate} update
   */
  #update({ all, incall, users = [] }) {
    if (!all && this.#rows.size <= WHOLE) this.#endCallOf(this.#lackedBy(users));
    if (all)
      for (const { sessionId } of this.users) {
        this.#merge({ sessionId, inCall: incall });
        this.#told.add(sessionId);
      }
    for (const row of users) {
      if (!row.sessionId || row.sessionId === "0") continue; // of somebody who is not in the room
      this.#merge({ ...row, sessionId: row.sessionId });
      this.#told.add(row.sessionId);
    }
  }

  /** @param {Partial<User>[]} users */
  #lackedBy(users) {
    const told = new Set(users.map(({ sessionId }) => sessionId));
    return this.users.filter(({ sessionId, inCall }) => inCall && !told.has(sessionId));
  }

  /** @param {User[]} rows */
  #endCallOf(rows) {
    for (const { sessionId } of rows) this.#merge({ sessionId, inCall: 0 });
  }

  /** @param {Partial<User> & { sessionId: string }} row */
  #merge(row) {
    const before = this.#rows.get(row.sessionId) ?? { inCall: 0 };
    this.#rows.set(row.sessionId, { ...before, ...row });
  }
}
