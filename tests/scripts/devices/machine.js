// A machine with microphones and cameras, as a browser shows it to the modules under test.

export class Track {
  enabled = true;
  muted = false;
  isStopped = false;
  constructor(device) {
    Object.assign(this, { kind: device.kind.replace("input", ""), label: device.label, device });
  }
  getSettings = () => ({ deviceId: this.device.deviceId });
  applyConstraints = async () => {};
  stop() {
    this.isStopped = true;
  }
}

globalThis.MediaStream = class {
  tracks = [];
  getTracks = () => [...this.tracks];
  addTrack = (track) => this.tracks.push(track);
  removeTrack = (track) => this.tracks.splice(this.tracks.indexOf(track), 1);
};

export class Machine extends EventTarget {
  devices = [];
  /** What was requested, as `{audio, video}` with the ids, or true without one. */
  requests = [];
  tracks = [];
  /** Return an error to refuse a request, or a promise to let it wait. */
  answer = () => null;
  permissions = { microphone: "granted", camera: "granted" };
  areNamed = true;
  stored = new Map();

  constructor(...names) {
    super();
    for (const name of names) this.add(name);
    Object.defineProperty(globalThis, "navigator", {
      configurable: true,
      value: {
        mediaDevices: this,
        permissions: { query: async ({ name }) => this.#permission(name) },
      },
    });
    globalThis.localStorage = {
      getItem: (key) => this.stored.get(key) ?? null,
      setItem: (key, value) => this.stored.set(key, value),
      removeItem: (key) => this.stored.delete(key),
    };
  }

  /** Add a device, as "audioinput Headset", whose id is made from its name. */
  add(name) {
    const [, kind, label] = name.match(/(\w+) (.*)/);
    this.devices.push({ kind, label, deviceId: `id of ${label}`, groupId: label.split(" ")[0] });
  }

  async plug(...names) {
    for (const name of names) this.add(name);
    await this.#tell();
  }

  /** Remove all devices of a name; a track of them ends. */
  async unplug(label) {
    this.devices = this.devices.filter((device) => device.label !== label);
    for (const track of this.tracks) {
      if (track.label === label && !track.isStopped) track.onended?.();
    }
    await this.#tell();
  }

  enumerateDevices = async () =>
    this.devices.map((device) =>
      this.areNamed ? device : { ...device, deviceId: "", label: "", groupId: "" },
    );

  getUserMedia = async (constraints) => {
    const ids = Object.entries(constraints).map(([kind, { deviceId }]) => {
      return [kind, deviceId?.exact ?? true];
    });
    this.requests.push(Object.fromEntries(ids));
    const refusal = await this.answer(Object.fromEntries(ids));
    if (refusal) throw refusal;
    const tracks = ids.map(([kind, id]) => new Track(this.#device(kind, id)));
    this.areNamed = true;
    this.tracks.push(...tracks);
    return { getTracks: () => tracks };
  };

  #device(kind, id) {
    const devices = this.devices.filter((device) => device.kind === `${kind}input`);
    if (!devices.length) throw new DOMException("", "NotFoundError");
    const device = id === true ? devices[0] : devices.find(({ deviceId }) => deviceId === id);
    if (!device) throw new DOMException("", "OverconstrainedError");
    return device;
  }

  #permission(name) {
    if (!this.permissions) throw new TypeError("unknown name");
    return { state: this.permissions[name], addEventListener() {} };
  }

  async #tell() {
    this.dispatchEvent(new Event("devicechange"));
    await settled();
  }
}

/** Wait until whatever was begun has ended, but for what waits for time to pass. */
export const settled = () => new Promise((resolve) => setTimeout(resolve, 20));
