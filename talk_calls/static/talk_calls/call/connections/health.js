// How good the connection to a person is, from what the browser reports of it.

/** ms without a connection after which a person counts as unreachable. */
export const UNREACHABLE_AFTER = 12_000;

// A connection becomes weak above the first, and good again below the second: between them it stays.
const WEAK_LOSS = 0.08; // share of packets; speech gets choppy from here
const GOOD_LOSS = 0.04;
const WEAK_ROUND_TRIP = 0.6; // seconds; people begin to interrupt each other
const GOOD_ROUND_TRIP = 0.4;
// How many reports in a row it takes, since one alone may be chance.
const REPORTS_UNTIL_WEAK = 2;
const REPORTS_UNTIL_GOOD = 3;

const LEAST_PACKETS = 20; // in one report; of fewer the share that is lost says nothing

/** @typedef {NonNullable<Person["connection"]>} Connection */
/** @typedef {{ loss: number, roundTrip: number }} Measured */

/**
 * `connection` is "connecting", "good", "weak" (it loses packets or is slow) or "unreachable" (there
 * is none, and has been none for long).
 */
export class Health {
  /** @type {Connection} */
  connection = "connecting";
  /** @type {number | null} */
  #unconnectedSince;
  #reports = 0; // in a row that speak against `connection`

  /** @param {number} now when connecting began, in ms */
  constructor(now) {
    this.#unconnectedSince = now;
  }

  /**
   * Take the `connectionState` of the peer connection, "new" if there is none yet; `measured` is what
   * `Measurement` returned, if there is news.
   *
   * @param {RTCPeerConnectionState} state
   * @param {number} now
   * @param {Measured | null} [measured]
   */
  update(state, now, measured = null) {
    if (state !== "connected") this.connection = this.#unconnected(state, now);
    else if (this.#unconnectedSince !== null) this.#connected();
    else if (measured) this.#judge(measured);
    return this.connection;
  }

  /** @type {(state: RTCPeerConnectionState, now: number) => Connection} */
  #unconnected(state, now) {
    this.#unconnectedSince ??= now;
    const isLate = now - this.#unconnectedSince >= UNREACHABLE_AFTER;
    // Once unreachable, further attempts do not count before one succeeds.
    if (state === "failed" || isLate || this.connection === "unreachable") return "unreachable";
    return "connecting";
  }

  #connected() {
    this.connection = "good";
    this.#unconnectedSince = null;
    this.#reports = 0;
  }

  /** @param {Measured} measured */
  #judge({ loss, roundTrip }) {
    const isWeak = this.connection === "weak";
    const speaksAgainst = isWeak
      ? loss < GOOD_LOSS && roundTrip < GOOD_ROUND_TRIP
      : loss > WEAK_LOSS || roundTrip > WEAK_ROUND_TRIP;
    this.#reports = speaksAgainst ? this.#reports + 1 : 0;
    if (this.#reports < (isWeak ? REPORTS_UNTIL_GOOD : REPORTS_UNTIL_WEAK)) return;
    this.connection = isWeak ? "good" : "weak";
    this.#reports = 0;
  }
}

/** What happened on a peer connection between two reports of `getStats`. */
export class Measurement {
  /** @type {Map<string, { packetsLost: number, packetsReceived: number }>} */
  #before = new Map(); // id of a row of "inbound-rtp" → what it counted

  /**
   * Return `loss`, the share of packets that were lost (0 to 1; that of the worse direction), and
   * `roundTrip` in seconds, from the rows of a report.
   *
   * @param {Iterable<StatsRow>} rows
   * @returns {Measured}
   */
  read(rows) {
    const all = [...rows];
    const received = this.#received(all.filter(({ type }) => type === "inbound-rtp"));
    const sent = all.filter(({ type }) => type === "remote-inbound-rtp");
    const pairs = all.filter(({ type, nominated }) => type === "candidate-pair" && nominated);
    return {
      loss: Math.max(received, ...sent.map(({ fractionLost }) => fractionLost ?? 0)),
      roundTrip: Math.max(
        0,
        ...sent.map(({ roundTripTime }) => roundTripTime ?? 0),
        ...pairs.map(({ currentRoundTripTime }) => currentRoundTripTime ?? 0),
      ),
    };
  }

  /**
   * Return the share of what was sent to us since the last report and did not arrive.
   *
   * @param {StatsRow[]} rows
   */
  #received(rows) {
    let [lost, arrived] = [0, 0];
    for (const { id, packetsLost = 0, packetsReceived = 0 } of rows) {
      const before = this.#before.get(id) ?? { packetsLost, packetsReceived };
      this.#before.set(id, { packetsLost, packetsReceived });
      lost += Math.max(0, packetsLost - before.packetsLost);
      arrived += Math.max(0, packetsReceived - before.packetsReceived);
    }
    return lost + arrived < LEAST_PACKETS ? 0 : lost / (lost + arrived);
  }
}
