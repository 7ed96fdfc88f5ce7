// Which session outlives a page that is unloaded, since it stands for the password.

const SELF_JOINED = 5;

/**
 * Return whether whoever loads the page again would be asked for the password without the session.
 *
 * So are guests, and users who came by the link: members need none.
 * @param {{ hasPassword: boolean, actorType: string, participantType: number }} room
 */
export const keepsSession = ({ hasPassword, actorType, participantType }) =>
  hasPassword && (actorType === "guests" || participantType === SELF_JOINED);
