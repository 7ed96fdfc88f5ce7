// Types that several scripts of the call page share; they are known everywhere without an import.
//
// Scripts take those of another script by `@import`. A storage that hashes names in imports follows
// `import("./x.js")` in comments, too, and gives up on circles and long chains.

/** What the page passes to its scripts (`config` of page.js), from `CallPage.config`. */
interface Config {
  token: string;
  /** Path of the API, with a slash at the end. */
  api: string;
  /** Name of the user, null for a guest. */
  name: string | null;
  /** Seconds without a ping after which a session times out. */
  timeout: number;
  /** Whether signaling is external. */
  external: boolean;
  /** Address to go to when the call is over. */
  home: string;
  /** Seconds for which credentials of TURN servers are valid, null without such servers. */
  turnLifetime: number | null;
  loginUrl: string | null;
  /** The emoji that are offered as reactions. */
  reactions: string[];
}

/** What replaces `{name}` and the like in a text. */
type TextValues = Record<string, string | number | undefined>;

/** A conversation as v4 of the API has it, as far as the page reads it. */
interface Room {
  token: string;
  type: number;
  displayName: string;
  /** Of our own entry; 0 before we have one. */
  attendeeId: number;
  actorType: string;
  sessionId: string;
  participantType: number;
  participantFlags: number;
  permissions: number;
  lobbyState: number;
  /** Unix time at which the lobby opens, 0 for never. */
  lobbyTimer: number;
  readOnly: number;
  hasPassword: boolean;
  hasCall: boolean;
  canStartCall: boolean;
  /** Unix time at which the call began. */
  callStartTime: number;
}

/** How our visit of a conversation stands (`GET v1/visit/{token}`). */
interface VisitAnswer {
  displayName: string;
  /** Names of some who are in the call; none where the visitor may not know them. */
  people: string[];
  /** How many are in the call; null where the visitor may not know. */
  count: number | null;
  /** Whether a moderator sees now that we wait in the lobby. */
  moderatorTold: boolean;
  /** Why our part in the last call ended; null while it goes on, and before. */
  callEnd: string | null;
  /** Why our session is gone; null while there is one, or if nobody knows. */
  sessionEnd: string | null;
  /** How many other sessions of our account are in the call. */
  otherDevices: number;
  /** What a moderator wants us to read, who are banned; null if we are not. */
  ban: string | null;
}

/** A ban, as far as the page reads it (`GET v1/ban/{token}`). */
interface Ban {
  id: number;
  bannedDisplayName: string;
  internalNote: string;
}

/** A participant of a conversation, as the API lists them. */
interface Participant {
  attendeeId: number;
  actorType: string;
  actorId: string;
  displayName: string;
  participantType: number;
  permissions: number;
  /** Permissions of their own; 0 if those of the conversation apply. */
  attendeePermissions: number;
  inCall: number;
  /** Unix time of the last ping of a session of theirs, 0 without one. */
  lastPing: number;
  sessionIds: string[];
}

/** A session in the call, as the API lists them. */
interface Caller {
  sessionId: string;
  displayName: string;
  actorType: string;
  actorId: string;
}

/** A row of the list of users (`usersInRoom`) of signaling. */
interface User {
  sessionId: string;
  /** The session of the API, if signaling has ids of its own. */
  nextcloudSessionId?: string;
  /** Flags; 0 outside of the call. */
  inCall: number;
  participantPermissions?: number;
}

/** A message of signaling: offers, answers, candidates, and state. */
interface Message {
  type: string;
  to?: string;
  from?: string;
  sid?: string;
  roomType?: string;
  payload?: any;
}

/** The settings of signaling, as v3 of the API has them. */
interface SignalingSettings {
  signalingMode: "internal" | "external";
  server: string;
  helloAuthParams: { "1.0": object; "2.0"?: object };
  stunservers: { urls: string[] }[];
  turnservers: { urls: string[]; username: string; credential: string }[];
}

/** Why the session of the API has ended: a status of the API, and its reason if it is known. */
interface Ending {
  status: number;
  reason?: string;
}

/** What signaling calls; signaling.js says when. */
interface SignalingCallbacks {
  onUpdate: (users: User[] | null, messages: Message[]) => void;
  onNewId: () => void;
  onSessionGone: (ending: Ending) => void;
  onConnectionLost: (isLost: boolean) => void;
}

/** The state of somebody in the call, see people.js. */
interface Person {
  session: string;
  /** Empty until the server has told it. */
  name: string;
  /** Who it is on whichever device, once the server has told it. */
  actor?: string;
  audio: boolean;
  video: boolean;
  speaking: boolean;
  hand: boolean;
  /** Since when the hand is up, in milliseconds. */
  handAt: number;
  isOwn: boolean;
  isModerator: boolean;
  /** State of the connection with them. */
  connection?: "connecting" | "good" | "weak" | "unreachable";
  /** Key of a text that says what helps, if anything is known. */
  connectionHint?: string | null;
  /** Whether their joining is still to be announced. */
  isNew?: boolean;
}

// The scripts look for parts of the page's own templates. That these are there is tested
// (tests/call_page/test_page.py), so no script has to ask.
interface ParentNode {
  querySelector<K extends keyof HTMLElementTagNameMap>(selectors: K): HTMLElementTagNameMap[K];
  querySelector<E extends Element = HTMLElement>(selectors: string): E;
  querySelectorAll<K extends keyof HTMLElementTagNameMap>(
    selectors: K,
  ): NodeListOf<HTMLElementTagNameMap[K]>;
  querySelectorAll<E extends Element = HTMLElement>(selectors: string): NodeListOf<E>;
}

/** Elements with an `id` that are more than an `HTMLElement`. */
interface PageElements {
  camera: HTMLSelectElement;
  level: HTMLMeterElement;
  microphone: HTMLSelectElement;
  name: HTMLInputElement;
  password: HTMLInputElement;
  preview: HTMLVideoElement;
  question: HTMLDialogElement;
  "person-template": HTMLTemplateElement;
  "tile-template": HTMLTemplateElement;
}

// connections/ and devices/

type MediaKind = "audio" | "video";

interface PageElements {
  "level-template": HTMLTemplateElement;
}

/** A row of `getStats`, as far as the page reads it. */
interface StatsRow {
  id: string;
  type: string;
  nominated?: boolean;
  packetsLost?: number;
  packetsReceived?: number;
  /** Share of packets, from 0 to 1. */
  fractionLost?: number;
  /** Seconds. */
  roundTripTime?: number;
  currentRoundTripTime?: number;
  /** bit/s. */
  availableOutgoingBitrate?: number;
  qualityLimitationReason?: string;
}

/** The class of an `EventTarget` whose events have these details, by type; undefined without any. */
type TargetOf<Details> = new () => CustomTarget<Details>;

interface CustomTarget<Details> extends Pick<EventTarget, "dispatchEvent"> {
  addEventListener<Type extends keyof Details>(
    type: Type,
    listener: (event: CustomEvent<Details[Type]>) => void,
  ): void;
}

// page/, controls/ and stage/

// Who looks for what an element is in looks for an element of HTML.
interface Element {
  closest<K extends keyof HTMLElementTagNameMap>(selector: K): HTMLElementTagNameMap[K] | null;
  closest<E extends Element = HTMLElement>(selectors: string): E | null;
}

interface PageElements {
  shortcuts: HTMLDialogElement;
  "shortcuts-on": HTMLInputElement;
  "menu-template": HTMLTemplateElement;
  "menu-group-template": HTMLTemplateElement;
  "menu-item-template": HTMLTemplateElement;
  "screen-template": HTMLTemplateElement;
  "screen-choice-template": HTMLTemplateElement;
}

interface Size {
  width: number;
  height: number;
}

interface Point {
  x: number;
  y: number;
}

/** A place on the stage, in pixels; `x` counts from where lines start. */
interface Box extends Point, Size {}

/** The place of a tile. */
interface TileBox extends Box {
  role: "tile" | "strip" | "large" | "floating";
}

/** A corner of the stage. */
type Corner = `${"top" | "bottom"}-${"start" | "end"}`;

// people/ and moderation/

interface PageElements {
  ban: HTMLDialogElement;
  "ban-internal": HTMLTextAreaElement;
  "ban-shown": HTMLTextAreaElement;
  "ban-template": HTMLTemplateElement;
  bans: HTMLDialogElement;
  knock: HTMLInputElement;
  "name-dialog": HTMLDialogElement;
  "new-name": HTMLInputElement;
  "people-search": HTMLInputElement;
  "waiting-template": HTMLTemplateElement;
}
