// Our own camera and microphone: what is wanted, what there is, and why something is missing.

const KINDS = ["audio", "video"];
const DEVICES = { audio: "microphone", video: "camera" };
// Each of the others gets a picture of their own, made and sent by us: the more, the smaller.
const PICTURES = [
  { upTo: 1, width: 640, height: 360, frameRate: 24 },
  { upTo: 3, width: 480, height: 270, frameRate: 15 },
  { upTo: Infinity, width: 320, height: 180, frameRate: 12 },
];

/** Dispatches `change` whenever a track came, went, or was switched on or off. */
export class Media extends EventTarget {
  /** What is sent, or would be. Its tracks come and go, the stream stays. */
  stream = new MediaStream();
  wants = { audio: true, video: true };
  allowed = { audio: true, video: true };
  device = { audio: null, video: null };
  /** Why there is no track: "no", "denied", "busy", "not-allowed"; null if nothing is wrong. */
  problem = { audio: null, video: null };
  #isOpen = false;
  #opening = null;
  #others = 0;

  constructor() {
    super();
    navigator.mediaDevices.addEventListener("devicechange", () => this.#changed());
  }

  track = (kind) => this.stream.getTracks().find((track) => track.kind === kind) ?? null;
  isOn = (kind) => Boolean(this.track(kind)?.enabled);

  /** Switch on whatever is wanted; works with less, or nothing. */
  open() {
    this.#isOpen = true;
    this.#opening ??= this.#openAll().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #openAll() {
    const wanted = KINDS.filter((kind) => this.wants[kind] && !this.track(kind));
    // Both at once, so that the browser asks once; if that fails, one at a time.
    if (wanted.length < 2 || !(await this.#get(wanted))) {
      for (const kind of wanted) await this.#get([kind]);
    }
    this.#changed();
  }

  /** Switch everything off, and remember what was wanted. */
  close() {
    this.#isOpen = false;
    for (const kind of KINDS) this.#drop(kind);
    this.#changed();
  }

  /** Switch one kind on or off. A camera that is off is let go, so that its light is off too. */
  async set(kind, isOn) {
    this.wants[kind] = isOn;
    const track = this.track(kind);
    if (kind === "video" && !isOn) this.#drop(kind);
    else if (track) track.enabled = isOn;
    else if (isOn && this.#isOpen) await this.#get([kind]);
    this.#changed();
  }

  toggle = (kind) => this.set(kind, !this.isOn(kind));

  /** Take another device of this kind. */
  async choose(kind, id) {
    this.device[kind] = id;
    if (!this.track(kind)) return;
    this.#drop(kind);
    await this.#get([kind]);
    this.#changed();
  }

  /** Say what the conversation lets us send. */
  allow(kind, isAllowed) {
    this.allowed[kind] = isAllowed;
    if (isAllowed && this.problem[kind] === "not-allowed") this.problem[kind] = null;
    if (isAllowed) return;
    this.#drop(kind);
    this.problem[kind] = "not-allowed";
    this.#changed();
  }

  /** Return the devices of a kind; their names are known once one of them was used. */
  async devices(kind) {
    const all = await navigator.mediaDevices.enumerateDevices();
    return all.filter((device) => device.kind === `${kind}input` && device.deviceId);
  }

  /** Send pictures that suit so many others. */
  async suit(others) {
    this.#others = others;
    await this.track("video")
      ?.applyConstraints(this.#picture())
      .catch(() => {});
  }

  #picture() {
    const { width, height, frameRate } = PICTURES.find(({ upTo }) => this.#others <= upTo);
    return {
      width: { ideal: width },
      height: { ideal: height },
      frameRate: { ideal: frameRate, max: 30 },
    };
  }

  /** Return the key of a text that says what is wrong with a kind, or null. */
  complaint(kind) {
    const problem = this.problem[kind];
    if (!problem) return null;
    return problem === "no" ? `no-${DEVICES[kind]}` : `${DEVICES[kind]}-${problem}`;
  }

  async #get(kinds) {
    const asked = kinds.filter((kind) => this.allowed[kind]);
    if (!asked.length) return true;
    try {
      const constraints = Object.fromEntries(asked.map((kind) => [kind, this.#constraints(kind)]));
      const stream = await navigator.mediaDevices.getUserMedia(constraints);
      for (const track of stream.getTracks()) this.#add(track);
      return true;
    } catch (error) {
      for (const kind of asked) this.problem[kind] = reason(error);
      return false;
    }
  }

  #constraints(kind) {
    const device = this.device[kind] ? { deviceId: { ideal: this.device[kind] } } : {};
    const quality = kind === "video" ? this.#picture() : { echoCancellation: true };
    return { ...device, ...quality };
  }

  #add(track) {
    // While the browser asked, it may have become unwanted.
    if (!this.#isOpen || !this.wants[track.kind]) return track.stop();
    this.#drop(track.kind);
    this.problem[track.kind] = null;
    track.onended = () => {
      this.#drop(track.kind);
      this.problem[track.kind] = "busy";
      this.#changed();
    };
    this.stream.addTrack(track);
  }

  #drop(kind) {
    const track = this.track(kind);
    if (!track) return;
    track.onended = null;
    track.stop();
    this.stream.removeTrack(track);
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

function reason({ name }) {
  if (name === "NotFoundError" || name === "OverconstrainedError") return "no";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  return "busy";
}
