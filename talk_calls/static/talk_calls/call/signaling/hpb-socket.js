// One WebSocket to a High-performance Backend: frames of JSON, and the answers to some of them.

import { Unreachable } from "../api/api.js";
import { sleep } from "../api/timing.js";

const OPEN_TIMEOUT = 8000; // ms
const ANSWER_TIMEOUT = 15_000; // ms; the server asks the site before it answers
const WELCOME_TIMEOUT = 800; // ms; old servers send none, and all want our hello within 2 s

/** The server answered a frame with an error. */
export class HpbError extends Error {
  /** @param {{ code: string, message?: string }} error */
  constructor({ code, message }) {
    super(message ?? code);
    this.code = code;
  }
}

/**
 * @typedef {object} Frame what the server sends, with a content called like its type
 * @property {string} [type]
 * @property {string} [id] of the frame that it answers
 * @property {any} [welcome]
 * @property {any} [hello]
 * @property {any} [error]
 * @property {any} [event]
 * @property {any} [message]
 * @property {any} [control]
 * @property {any} [bye]
 */

export class HpbSocket {
  #socket;
  #count = 0;
  /** @type {Map<string | undefined, (frame: Frame) => void>} */
  #answers = new Map(); // id of a frame → what takes the answer
  #opened;
  /** @type {Promise<void>} */
  #welcomed;
  /** @type {(value?: unknown) => void} */
  #close = () => {};

  /**
   * What the server can do, of what it tells before the hello.
   * @type {string[]}
   */
  features = [];
  isClosed = false;
  /** Settled once the connection is lost or closed. */
  closed;

  /**
   * @param {string} url
   * @param {(frame: Frame) => void} onFrame gets the frames that are no answers
   */
  constructor(url, onFrame) {
    this.#socket = new WebSocket(url);
    this.closed = new Promise((resolve) => (this.#close = resolve));
    this.#opened = new Promise((resolve) => (this.#socket.onopen = resolve));
    this.#welcomed = new Promise((resolve) => {
      this.#socket.onmessage = ({ data }) => {
        const frame = parsed(data);
        if (frame.type !== "welcome") return this.#receive(frame, onFrame);
        this.features = frame.welcome?.features ?? [];
        resolve();
      };
    });
    this.#socket.onclose = () => this.close();
  }

  /** Wait until frames can be sent; throw `Unreachable` if that takes too long. */
  async open() {
    await this.#unlessClosed(this.#opened, OPEN_TIMEOUT);
    await Promise.race([this.#welcomed, this.closed, sleep(WELCOME_TIMEOUT)]);
  }

  /**
   * Send a frame, and return its answer, or throw `HpbError` or `Unreachable`.
   *
   * @param {string} type
   * @param {object} content
   * @returns {Promise<Frame>}
   */
  async request(type, content) {
    const id = String(++this.#count);
    const answer = new Promise((resolve) => this.#answers.set(id, resolve));
    this.send({ id, type, [type]: content });
    const frame = await this.#unlessClosed(answer, ANSWER_TIMEOUT);
    if (frame.type === "error") throw new HpbError(frame.error);
    return frame;
  }

  /** @param {object} frame */
  send(frame) {
    this.#socket.send(JSON.stringify(frame));
  }

  /** Close it; nothing is received from now on. */
  close() {
    this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.isClosed = true;
    this.#close();
  }

  /**
   * @param {Frame} frame
   * @param {(frame: Frame) => void} onFrame
   */
  #receive(frame, onFrame) {
    const answered = this.#answers.get(frame.id);
    this.#answers.delete(frame.id);
    if (answered) answered(frame);
    else onFrame(frame);
  }

  /**
   * @template Result
   * @param {Promise<Result>} promise
   * @param {number} ms
   * @returns {Promise<Result>}
   */
  async #unlessClosed(promise, ms) {
    const late = Symbol();
    const lost = Promise.race([this.closed, sleep(ms)]).then(() => late);
    const result = await Promise.race([promise, lost]);
    if (result === late) throw new Unreachable("no answer of the signaling server");
    return /** @type {Result} */ (result);
  }
}

/**
 * @param {string} data
 * @returns {Frame}
 */
function parsed(data) {
  try {
    return JSON.parse(data) ?? {};
  } catch {
    return {};
  }
}
