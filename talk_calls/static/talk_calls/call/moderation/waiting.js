// Who waits in the lobby, as the list of participants tells (`api.participants()`).

export const IGNORE_LOBBY = 8; // permission
const MODERATORS = new Set([1, 2, 6]); // owner, moderator, guest who moderates

/**
 * Return whether somebody of the list may moderate.
 *
 * @param {{ participantType: number }} participant
 */
export const isModerator = ({ participantType }) => MODERATORS.has(participantType);

/**
 * Return those who have to wait in the lobby and are there to do so, in the order in which they
 * became participants.
 *
 * `timeout` is after how many seconds without a ping somebody counts as gone. The newest ping of
 * the list stands for the present, since the clock of this machine may be wrong.
 *
 * @param {Participant[]} participants
 * @param {{ hasLobby: boolean, timeout: number }} options
 */
export function whoWaits(participants, { hasLobby, timeout }) {
  if (!hasLobby) return [];
  const newest = Math.max(...participants.map(({ lastPing }) => lastPing));
  return participants
    .filter(
      (each) =>
        each.sessionIds.length > 0 &&
        each.inCall === 0 &&
        !isModerator(each) &&
        !(each.permissions & IGNORE_LOBBY) &&
        each.lastPing >= newest - timeout,
    )
    .sort((one, other) => one.attendeeId - other.attendeeId);
}

/**
 * Return those who have passed the lobby by a permission of their own.
 *
 * @param {Participant[]} participants
 */
export const wereAdmitted = (participants) =>
  participants.filter((each) => !isModerator(each) && each.attendeePermissions & IGNORE_LOBBY);
