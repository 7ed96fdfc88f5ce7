// A peer connection to one session, for camera and microphone ("video") or for a screen ("screen").
// The other end is a browser, or a media server that forwards to many.
//
// It uses perfect negotiation: both sides may offer at any time; if they do so at once, the polite
// side gives way. The messages are those of Talk's clients.

/** @import { Turn, Turns } from "./turns.js" */

const RESTART_AFTER = 4000; // ms of being disconnected before an ICE restart

/**
 * @typedef {object} Callbacks
 * @property {(track: MediaStreamTrack) => void} track
 * @property {(type: string, payload: any) => void} [status]
 * @property {() => void} [open]
 * @property {(state: RTCPeerConnectionState) => void} [connection]
 * @property {() => void} [channelClosed]
 * @property {() => void} [failed]
 *
 * @typedef {object} Options
 * @property {string} kind
 * @property {string} [sid]
 * @property {boolean} polite
 * @property {RTCIceServer[]} servers
 * @property {MediaStream | null} localStream
 * @property {RTCRtpTransceiverDirection} [direction]
 * @property {RTCRtpEncodingParameters[]} [encodings]
 * @property {Turns} [turns]
 * @property {(type: string, payload: any) => void} send
 * @property {Callbacks} on
 */

export class Peer {
  #pc;
  #makingOffer = false;
  #queue = Promise.resolve();
  /** @type {RTCIceCandidateInit[]} */
  #pendingCandidates = []; // candidates that arrived before their description
  /** @type {RTCDataChannel | null} */
  #channel = null;
  /** @type {number | undefined} */
  #restartTimer;
  /** @type {Turn | null} */
  #turn = null; // ours to be set up
  #isWaiting = false; // for that turn
  /** @type {{ type: RTCSdpType, sdp: string } | null} */
  #sent = null; // the last description, as it was sent
  /** @type {string | undefined} */
  #lastOffer; // the sdp of the last offer that arrived
  #limits = ""; // those of the video that we send, as JSON
  #isClosed = false;

  /**
   * `localStream` is the stream to send, or null to only receive; `direction` says whether a peer
   * that starts also receives; `encodings` are those of the video that it sends, as in
   * `RTCRtpTransceiverInit`. `turns` are the Turns to take before it is set up, if it has to wait.
   * `send` takes a message's type and payload; `on` has the callback `track` and may have `status`,
   * `open`, `connection` (called when `state` is another), `channelClosed`, and `failed`, which
   * replaces restarting ICE.
   *
   * @param {Options} options
   */
  constructor({
    kind,
    sid,
    polite,
    servers,
    localStream,
    direction = "sendrecv",
    encodings,
    turns,
    send,
    on,
  }) {
    this.kind = kind;
    this.sid = sid;
    this.polite = polite;
    this.localStream = localStream;
    this.direction = direction;
    this.encodings = encodings;
    this.turns = turns;
    this.send = send;
    this.on = on;
    this.#pc = new RTCPeerConnection({ iceServers: servers });
    this.#pc.onnegotiationneeded = () => this.#sendOffer();
    this.#pc.onicecandidate = ({ candidate }) => {
      if (candidate?.candidate) this.send("candidate", { candidate: candidate.toJSON() });
    };
    this.#pc.ontrack = ({ track }) => on.track(track);
    this.#pc.onconnectionstatechange = () => this.#connectionStateChanged();
    this.#pc.ondatachannel = ({ channel }) => this.#useDataChannel(channel);
  }

  /** The `connectionState` of the peer connection. */
  get state() {
    return this.#pc.connectionState;
  }

  get isConnected() {
    return this.state === "connected";
  }

  /** Whether the other side has sent an offer or an answer. */
  get isAnswered() {
    return Boolean(this.#pc.remoteDescription);
  }

  /** Whether it waits for its turn, or gathers or checks ways to the other side. */
  get isUnderWay() {
    if (this.#isWaiting || this.#pc.iceGatheringState === "gathering") return true;
    return this.isAnswered && ["new", "connecting"].includes(this.state);
  }

  /** Whether our first offer was sent and has no answer yet. */
  get hasPendingOffer() {
    return (
      this.#makingOffer ||
      (this.#pc.signalingState === "have-local-offer" && !this.#pc.remoteDescription)
    );
  }

  /**
   * Start as the side that sends the first offer, with media of these kinds.
   *
   * @param {string[]} kinds
   */
  start(kinds = ["audio", "video"]) {
    this.#enqueue("start", () => this.#start(kinds));
  }

  /** Send our offer again, which has no answer yet; the other side may have missed it. */
  repeatOffer() {
    if (this.#sent) this.send(this.#sent.type, this.#sent);
  }

  /**
   * Handle an offer, an answer or a candidate, after all earlier ones.
   *
   * @param {Message} message
   */
  receive(message) {
    if (message.type === "offer" && this.#isRepeated(message.payload?.sdp)) return;
    this.#enqueue(message.type, () => this.#receive(message));
  }

  /**
   * Return the rows of `getStats`.
   *
   * @returns {Promise<Iterable<StatsRow>>}
   */
  async report() {
    return (await this.#pc.getStats()).values();
  }

  /**
   * Use other STUN and TURN servers the next time that ways to the other side are gathered.
   *
   * @param {RTCIceServer[]} iceServers
   */
  setServers(iceServers) {
    this.#pc.setConfiguration({ ...this.#pc.getConfiguration(), iceServers });
  }

  /** The bit rate to which the video that we send is limited. */
  get videoLimit() {
    return this.#transceiver("video")?.sender.getParameters().encodings[0]?.maxBitrate ?? Infinity;
  }

  /**
   * Limit the video that we send, by members of an encoding such as `maxBitrate`.
   *
   * @param {RTCRtpEncodingParameters} limits
   */
  async limitVideo(limits) {
    const sender = this.#transceiver("video")?.sender;
    if (!sender || this.#limits === JSON.stringify(limits)) return;
    const parameters = sender.getParameters();
    // Some browsers have no encoding before the first description.
    if (!parameters.encodings?.length) return;
    this.#limits = JSON.stringify(limits);
    Object.assign(parameters.encodings[0], limits);
    await sender.setParameters(parameters).catch(() => {
      this.#limits = ""; // something else changed the parameters meanwhile; the next call may do it
    });
  }

  /**
   * Send another track of this kind, or none with null; this needs no negotiation.
   *
   * @param {MediaKind} kind
   * @param {MediaStreamTrack | null} track
   */
  async replaceTrack(kind, track) {
    // Before it is set up; then it uses the current track.
    if (!this.#pc.getTransceivers().length) return;
    const sender = this.#transceiver(kind)?.sender;
    if (!sender) return this.#addTransceiver(kind);
    if (sender.track !== track) await sender.replaceTrack(track);
  }

  /**
   * Send a status over the data channel; return whether it was open.
   *
   * @param {string} type
   * @param {object} [payload]
   */
  sendStatus(type, payload) {
    if (this.#channel?.readyState !== "open") return false;
    this.#channel.send(JSON.stringify({ type, payload }));
    return true;
  }

  close() {
    this.#isClosed = true;
    this.#turn?.end();
    clearTimeout(this.#restartTimer);
    this.#pc.onconnectionstatechange = this.#pc.onnegotiationneeded = null;
    this.#pc.close();
  }

  /**
   * Return whether this offer was handled or waits to be; if it was, send our answer again.
   *
   * @param {string | undefined} sdp
   */
  #isRepeated(sdp) {
    const isRepeated = sdp === this.#lastOffer;
    this.#lastOffer = sdp;
    if (isRepeated && this.#sent?.type === "answer") this.send("answer", this.#sent);
    return isRepeated;
  }

  /** @type {(name: string, action: () => Promise<void>) => void} */
  #enqueue(name, action) {
    this.#queue = this.#queue.then(action).catch((error) => {
      if (!this.#isClosed) console.warn(`talk_calls: cannot handle ${name}`, error);
    });
  }

  /** @param {string[]} kinds */
  async #start(kinds) {
    await this.#takeTurn();
    if (this.#isClosed) return;
    for (const kind of kinds) {
      const sendEncodings = kind === "video" ? this.encodings : undefined;
      const init = { direction: this.direction, streams: this.#streams, sendEncodings };
      this.#pc.addTransceiver(this.#localTrack(kind) ?? kind, init);
    }
    if (this.kind === "video") this.#useDataChannel(this.#pc.createDataChannel("status"));
  }

  /** Wait until it may be set up. */
  async #takeTurn() {
    if (!this.turns || this.#turn) return;
    this.#isWaiting = true;
    this.#turn = await this.turns.take();
    this.#isWaiting = false;
    if (this.#isClosed) this.#turn.end();
  }

  async #sendOffer() {
    try {
      this.#makingOffer = true;
      await this.#pc.setLocalDescription();
      this.#sendDescription();
    } catch (error) {
      if (!this.#isClosed) console.warn("talk_calls: no offer could be made", error);
    } finally {
      this.#makingOffer = false;
    }
  }

  /** @param {Message} message */
  async #receive({ type, payload }) {
    if (this.#isClosed) return;
    if (type === "candidate") return this.#addCandidate(payload.candidate);
    if (type === "offer") {
      await this.#takeTurn();
      if (this.#isClosed) return;
      const collides = this.#makingOffer || this.#pc.signalingState !== "stable";
      if (collides && !this.polite) return;
    } else if (this.#pc.signalingState !== "have-local-offer") return;
    this.#turn?.prolong();
    await this.#pc.setRemoteDescription({
      type: /** @type {RTCSdpType} */ (type),
      sdp: payload.sdp,
    });
    for (const candidate of this.#pendingCandidates.splice(0)) await this.#addCandidate(candidate);
    if (type === "answer") return;
    await this.#attachLocalTracks();
    await this.#pc.setLocalDescription();
    this.#sendDescription();
  }

  #sendDescription() {
    if (this.#isClosed) return;
    const { type, sdp } = /** @type {RTCSessionDescription} */ (this.#pc.localDescription);
    this.#sent = { type, sdp };
    this.send(type, this.#sent);
  }

  /** @param {RTCIceCandidateInit | undefined} candidate */
  async #addCandidate(candidate) {
    if (!candidate) return;
    if (!this.#pc.remoteDescription) return void this.#pendingCandidates.push(candidate);
    // It may belong to an offer that we ignored, which is no error.
    await this.#pc.addIceCandidate(candidate).catch(() => {});
  }

  /** Put our tracks on the transceivers of the other side's offer, before we answer. */
  async #attachLocalTracks() {
    if (this.direction !== "sendrecv") return;
    for (const kind of ["audio", "video"]) {
      const transceiver = this.#transceiver(kind);
      if (!transceiver) {
        this.#addTransceiver(kind);
        continue;
      }
      transceiver.direction = "sendrecv";
      transceiver.sender.setStreams?.(...this.#streams);
      await transceiver.sender.replaceTrack(this.#localTrack(kind));
    }
    if (this.encodings) await this.limitVideo(this.encodings[0]);
  }

  /**
   * Add a transceiver that the offer lacks; `negotiationneeded` then sends a new offer.
   *
   * @param {string} kind
   */
  #addTransceiver(kind) {
    const track = this.#localTrack(kind);
    if (!track) return;
    this.#pc.addTransceiver(track, { direction: "sendrecv", streams: this.#streams });
  }

  /** @param {string} kind */
  #transceiver(kind) {
    return this.#pc.getTransceivers().find(({ receiver }) => receiver.track.kind === kind);
  }

  get #streams() {
    return this.localStream ? [this.localStream] : [];
  }

  /** @param {string} kind */
  #localTrack(kind) {
    return this.#streams[0]?.getTracks().find((track) => track.kind === kind) ?? null;
  }

  #connectionStateChanged() {
    clearTimeout(this.#restartTimer);
    this.on.connection?.(this.state);
    switch (this.state) {
      case "connected":
        this.#turn?.end();
        // If the other side opened a channel, as Talk's clients do, it serves both directions.
        if (this.kind === "video" && !this.#channel && this.#pc.sctp)
          this.#useDataChannel(this.#pc.createDataChannel("status"));
        return;
      case "disconnected":
        this.#restartTimer = setTimeout(() => !this.polite && this.#restart(), RESTART_AFTER);
        return;
      case "failed":
        this.#turn?.end();
        this.#restart();
        return;
    }
  }

  /** Look for other ways to the other side; the side that gives way leaves that to the other. */
  #restart() {
    if (this.on.failed) this.on.failed();
    else if (!this.polite) this.#pc.restartIce();
  }

  /** @param {RTCDataChannel} channel */
  #useDataChannel(channel) {
    // A media server gives the channel another label, and only to who has opened one.
    if (channel.label !== "status" && this.direction !== "recvonly") return;
    this.#channel = channel;
    const opened = () => this.on.open?.();
    channel.onopen = opened;
    channel.onclose = () => {
      if (!this.#isClosed && this.#channel === channel) this.on.channelClosed?.();
    };
    channel.onmessage = ({ data }) => {
      const { type, payload } = parsed(data);
      if (type) this.on.status?.(type, payload);
    };
    if (channel.readyState === "open") opened();
  }
}

/** @param {string} data */
function parsed(data) {
  try {
    return JSON.parse(data) ?? {};
  } catch {
    return {};
  }
}
