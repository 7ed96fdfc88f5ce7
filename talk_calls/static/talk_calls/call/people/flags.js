/** What somebody does in a call, as the API has it. */
export const FLAGS = { inCall: 1, audio: 2, video: 4 };
