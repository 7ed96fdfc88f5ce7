// One connection to one other session, for faces ("video") or for a screen ("screen").
//
// Perfect negotiation: both sides may offer at any time; if they do at once, the polite one gives
// way. Messages are those of Talk's clients.

const RESTART_AFTER = 4000; // ms of being disconnected

export class Peer {
  #pc;
  #makingOffer = false;
  #queue = Promise.resolve();
  #early = []; // candidates that came before the description they belong to
  #channel = null;
  #restart = null;
  #isClosed = false;

  /**
   * `local` is a stream with what we send, or null for who only receives; `send` takes a message's
   * type and payload; `on` has `track`, `status`, `open`, `connection` and `lost`.
   */
  constructor({ session, kind, sid, polite, servers, local, send, on }) {
    Object.assign(this, { session, kind, sid, polite, local, send, on });
    this.#pc = new RTCPeerConnection({ iceServers: servers });
    this.#pc.onnegotiationneeded = () => this.#offer();
    this.#pc.onicecandidate = ({ candidate }) => {
      if (candidate?.candidate) this.send("candidate", { candidate: candidate.toJSON() });
    };
    this.#pc.ontrack = ({ track, receiver }) => on.track(track, receiver);
    this.#pc.onconnectionstatechange = () => this.#changed();
    this.#pc.ondatachannel = ({ channel }) => this.#listen(channel);
  }

  get isConnected() {
    return this.#pc.connectionState === "connected";
  }

  /** Whether our first offer is out and has no answer yet. */
  get isCalling() {
    return (
      this.#makingOffer ||
      (this.#pc.signalingState === "have-local-offer" && !this.#pc.remoteDescription)
    );
  }

  /** Begin as the one who offers. */
  start() {
    const kinds =
      this.kind === "screen"
        ? this.local.getTracks().map((track) => track.kind)
        : ["audio", "video"];
    const direction = this.kind === "screen" ? "sendonly" : "sendrecv";
    for (const kind of kinds) {
      this.#pc.addTransceiver(this.#track(kind) ?? kind, { direction, streams: [this.local] });
    }
    if (this.kind === "video") this.#listen(this.#pc.createDataChannel("status"));
  }

  /** Take an offer, an answer or a candidate, after those that came before. */
  receive(message) {
    this.#queue = this.#queue
      .then(() => this.#receive(message))
      .catch((error) => {
        if (!this.#isClosed) console.warn(`talk_calls: ${message.type} was not understood`, error);
      });
  }

  /** Send another track of this kind from now on, or none; the other side need not be asked. */
  async replace(kind, track) {
    // Before there is a description, the right track is taken when one is made.
    if (!this.#pc.remoteDescription && !this.#pc.localDescription) return;
    const sender = this.#transceiver(kind)?.sender;
    if (!sender) return this.#propose(kind);
    if (sender.track !== track) await sender.replaceTrack(track);
  }

  /** Tell the other side something about us; return whether that was possible. */
  tell(type, payload) {
    if (this.#channel?.readyState !== "open") return false;
    this.#channel.send(JSON.stringify({ type, payload }));
    return true;
  }

  close() {
    this.#isClosed = true;
    clearTimeout(this.#restart);
    this.#pc.onconnectionstatechange = this.#pc.onnegotiationneeded = null;
    this.#pc.close();
  }

  async #offer() {
    try {
      this.#makingOffer = true;
      await this.#pc.setLocalDescription();
      this.#describe();
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
    for (const candidate of this.#early.splice(0)) await this.#addCandidate(candidate);
    if (type === "answer") return;
    await this.#sendOurs();
    await this.#pc.setLocalDescription();
    this.#describe();
  }

  #describe() {
    const { type, sdp } = this.#pc.localDescription;
    this.send(type, { type, sdp });
  }

  async #addCandidate(candidate) {
    if (!candidate) return;
    if (!this.#pc.remoteDescription) return void this.#early.push(candidate);
    // One that belongs to an offer which we ignored does no harm.
    await this.#pc.addIceCandidate(candidate).catch(() => {});
  }

  /** Answer with our own tracks on the lines that the other side proposed. */
  async #sendOurs() {
    if (this.kind === "screen") return;
    for (const kind of ["audio", "video"]) {
      const transceiver = this.#transceiver(kind);
      if (!transceiver) {
        this.#propose(kind);
        continue;
      }
      transceiver.direction = "sendrecv";
      transceiver.sender.setStreams?.(this.local);
      await transceiver.sender.replaceTrack(this.#track(kind));
    }
  }

  /** Add what the other side did not think of; a new offer follows by itself. */
  #propose(kind) {
    const track = this.#track(kind);
    if (track) this.#pc.addTransceiver(track, { direction: "sendrecv", streams: [this.local] });
  }

  #transceiver(kind) {
    return this.#pc.getTransceivers().find(({ receiver }) => receiver.track.kind === kind);
  }

  #track(kind) {
    return this.local.getTracks().find((track) => track.kind === kind) ?? null;
  }

  #changed() {
    clearTimeout(this.#restart);
    switch (this.#pc.connectionState) {
      case "connected":
        this.on.connection?.(true);
        // Talk's clients open such a channel too; one is enough for both directions.
        if (this.kind === "video" && !this.#channel && this.#pc.sctp)
          this.#listen(this.#pc.createDataChannel("status"));
        return;
      case "disconnected":
        this.on.connection?.(false);
        this.#restart = setTimeout(() => !this.polite && this.#pc.restartIce(), RESTART_AFTER);
        return;
      case "failed":
        this.#pc.restartIce();
        return;
    }
  }

  #listen(channel) {
    if (channel.label !== "status") return;
    this.#channel = channel;
    channel.onopen = () => this.on.open?.();
    channel.onclose = () => !this.#isClosed && this.#channel === channel && this.on.lost?.();
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
