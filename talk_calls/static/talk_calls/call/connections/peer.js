// A peer connection to one session, for camera and microphone ("video") or for a screen ("screen").
// The other end is a browser, or a media server that forwards to many.
//
// It uses perfect negotiation: both sides may offer at any time; if they do so at once, the polite
// side gives way. The messages are those of Talk's clients.

const RESTART_AFTER = 4000; // ms of being disconnected before an ICE restart

export class Peer {
  #pc;
  #makingOffer = false;
  #queue = Promise.resolve();
  #pendingCandidates = []; // candidates that arrived before their description
  #channel = null;
  #restartTimer = null;
  #isClosed = false;

  /**
   * `localStream` is the stream to send, or null to only receive; `direction` says whether a peer
   * that starts also receives; `encodings` are those of the video that it sends, if several.
   * `send` takes a message's type and payload; `on` has the callback `track` and may have `status`,
   * `open`, `connection`, `channelClosed`, and `failed`, which replaces restarting ICE.
   */
  constructor({
    kind,
    sid,
    polite,
    servers,
    localStream,
    direction = "sendrecv",
    encodings,
    send,
    on,
  }) {
    Object.assign(this, { kind, sid, polite, localStream, direction, encodings, send, on });
    this.#pc = new RTCPeerConnection({ iceServers: servers });
    this.#pc.onnegotiationneeded = () => this.#sendOffer();
    this.#pc.onicecandidate = ({ candidate }) => {
      if (candidate?.candidate) this.send("candidate", { candidate: candidate.toJSON() });
    };
    this.#pc.ontrack = ({ track }) => on.track(track);
    this.#pc.onconnectionstatechange = () => this.#connectionStateChanged();
    this.#pc.ondatachannel = ({ channel }) => this.#useDataChannel(channel);
  }

  get isConnected() {
    return this.#pc.connectionState === "connected";
  }

  /** Whether our first offer was sent and has no answer yet. */
  get hasPendingOffer() {
    return (
      this.#makingOffer ||
      (this.#pc.signalingState === "have-local-offer" && !this.#pc.remoteDescription)
    );
  }

  /** Use these servers, which counts when ICE gathers candidates the next time. */
  setServers(servers) {
    this.#pc.setConfiguration({ iceServers: servers });
  }

  /** Start as the side that sends the first offer, with media of these kinds. */
  start(kinds = ["audio", "video"]) {
    for (const kind of kinds) {
      const sendEncodings = kind === "video" ? this.encodings : undefined;
      const init = { direction: this.direction, streams: [this.localStream], sendEncodings };
      this.#pc.addTransceiver(this.#localTrack(kind) ?? kind, init);
    }
    if (this.kind === "video") this.#useDataChannel(this.#pc.createDataChannel("status"));
  }

  /** Handle an offer, an answer or a candidate, after all earlier ones. */
  receive(message) {
    this.#queue = this.#queue
      .then(() => this.#receive(message))
      .catch((error) => {
        if (!this.#isClosed) console.warn(`talk_calls: cannot handle ${message.type}`, error);
      });
  }

  /** Send another track of this kind, or none with null; this needs no negotiation. */
  async replaceTrack(kind, track) {
    // Without a description yet, the first one will use the current track.
    if (!this.#pc.remoteDescription && !this.#pc.localDescription) return;
    const sender = this.#transceiver(kind)?.sender;
    if (!sender) return this.#addTransceiver(kind);
    if (sender.track !== track) await sender.replaceTrack(track);
  }

  /** Send a status over the data channel; return whether it was open. */
  sendStatus(type, payload) {
    if (this.#channel?.readyState !== "open") return false;
    this.#channel.send(JSON.stringify({ type, payload }));
    return true;
  }

  close() {
    this.#isClosed = true;
    clearTimeout(this.#restartTimer);
    this.#pc.onconnectionstatechange = this.#pc.onnegotiationneeded = null;
    this.#pc.close();
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

  async #receive({ type, payload }) {
    if (this.#isClosed) return;
    if (type === "candidate") return this.#addCandidate(payload.candidate);
    if (type === "offer") {
      const collides = this.#makingOffer || this.#pc.signalingState !== "stable";
      if (collides && !this.polite) return;
    } else if (this.#pc.signalingState !== "have-local-offer") return;
    await this.#pc.setRemoteDescription({ type, sdp: payload.sdp });
    for (const candidate of this.#pendingCandidates.splice(0)) await this.#addCandidate(candidate);
    if (type === "answer") return;
    await this.#attachLocalTracks();
    await this.#pc.setLocalDescription();
    this.#sendDescription();
  }

  #sendDescription() {
    const { type, sdp } = this.#pc.localDescription;
    this.send(type, { type, sdp });
  }

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
      transceiver.sender.setStreams?.(this.localStream);
      await transceiver.sender.replaceTrack(this.#localTrack(kind));
    }
  }

  /** Add a transceiver that the offer lacks; `negotiationneeded` then sends a new offer. */
  #addTransceiver(kind) {
    const track = this.#localTrack(kind);
    const init = { direction: "sendrecv", streams: [this.localStream] };
    if (track) this.#pc.addTransceiver(track, init);
  }

  #transceiver(kind) {
    return this.#pc.getTransceivers().find(({ receiver }) => receiver.track.kind === kind);
  }

  #localTrack(kind) {
    return this.localStream.getTracks().find((track) => track.kind === kind) ?? null;
  }

  #connectionStateChanged() {
    clearTimeout(this.#restartTimer);
    switch (this.#pc.connectionState) {
      case "connected":
        this.on.connection?.(true);
        // If the other side opened a channel, as Talk's clients do, it serves both directions.
        if (this.kind === "video" && !this.#channel && this.#pc.sctp)
          this.#useDataChannel(this.#pc.createDataChannel("status"));
        return;
      case "disconnected":
        this.on.connection?.(false);
        this.#restartTimer = setTimeout(() => !this.polite && this.#restart(), RESTART_AFTER);
        return;
      case "failed":
        this.#restart();
        return;
    }
  }

  #restart() {
    if (this.on.failed) this.on.failed();
    else this.#pc.restartIce();
  }

  #useDataChannel(channel) {
    // A media server gives the channel another label, and only to who has opened one.
    if (channel.label !== "status" && this.direction !== "recvonly") return;
    this.#channel = channel;
    channel.onopen = () => this.on.open?.();
    channel.onclose = () => {
      if (!this.#isClosed && this.#channel === channel) this.on.channelClosed?.();
    };
    channel.onmessage = ({ data }) => {
      const { type, payload } = parsed(data);
      if (type) this.on.status?.(type, payload);
    };
    if (channel.readyState === "open") channel.onopen();
  }
}

function parsed(data) {
  try {
    return JSON.parse(data) ?? {};
  } catch {
    return {};
  }
}
