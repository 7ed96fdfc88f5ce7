// How large and how often pictures are captured and sent, so that nobody sends more than needed.

import { CAPTURED } from "./simulcast.js";

/**
 * What a camera sends to each of so many viewers of a mesh: each gets pictures encoded for it alone,
 * so the more there are, the smaller. All of them together stay below 1.5 Mbit/s.
 */
export const LEVELS = [
  { upTo: 1, width: 1280, height: 720, frameRate: 24, maxBitrate: 1_500_000 },
  { upTo: 3, width: 640, height: 360, frameRate: 20, maxBitrate: 500_000 },
  { upTo: 5, width: 480, height: 270, frameRate: 15, maxBitrate: 250_000 },
  { upTo: Infinity, width: 320, height: 180, frameRate: 12, maxBitrate: 120_000 },
];

/** With how many people in a mesh the page says that this is much. */
export const MANY_FOR_MESH = 7;

/** What to ask of `getDisplayMedia`; text has to be sharp, and rarely moves. */
export const SCREEN = {
  width: { max: 1920 },
  height: { max: 1080 },
  frameRate: { ideal: 15, max: 30 },
};
const SCREEN_HEIGHT = 1080;
const SCREEN_BITRATES = { all: 4_000_000, most: 2_000_000, least: 400_000 }; // bit/s

/** While connections are set up, which takes the CPU that encoders would take. */
const SETTLING = { height: 180, frameRate: 8, maxBitrate: 100_000 };
/** By how much a picture may be smaller than it is shown before anybody minds. */
const TOLERANCE = 0.8;

/**
 * Return the constraints of a camera for so many viewers, or for "simulcast".
 *
 * @param {number | "simulcast"} viewers
 */
export function captureFor(viewers) {
  const { width, height, frameRate } = viewers === "simulcast" ? CAPTURED : levelOf(viewers);
  return {
    width: { ideal: width },
    height: { ideal: height },
    frameRate: { ideal: frameRate, max: 30 },
  };
}

/**
 * Return the encoding of a camera for one viewer in a mesh. `height` is that of the captured pictures
 * and `shownHeight` that in which the viewer shows them, in pixels, if known; `isSettling` tells
 * whether connections are being set up.
 *
 * @param {{ viewers: number, height?: number, shownHeight?: number, isSettling?: boolean }} options
 */
export function encodingFor({ viewers, height, shownHeight = Infinity, isSettling = false }) {
  const least = LEVELS.indexOf(levelOf(viewers));
  const fitting = LEVELS.findLastIndex((level) => level.height >= shownHeight * TOLERANCE);
  const level = isSettling ? SETTLING : LEVELS[Math.max(least, fitting)];
  return {
    maxBitrate: level.maxBitrate,
    maxFramerate: level.frameRate,
    scaleResolutionDownBy: scaleTo(level.height, height),
  };
}

/**
 * Return the encoding of a screen for one of so many viewers; a media server counts as one.
 *
 * @param {{ viewers: number, height?: number }} options
 */
export function screenEncodingFor({ viewers, height }) {
  const { all, most, least } = SCREEN_BITRATES;
  return {
    maxBitrate: Math.round(Math.min(most, Math.max(least, all / Math.max(1, viewers)))),
    scaleResolutionDownBy: scaleTo(SCREEN_HEIGHT, height),
  };
}

/** @param {number} viewers */
const levelOf = (viewers) =>
  /** @type {typeof LEVELS[number]} */ (LEVELS.find(({ upTo }) => viewers <= upTo));

/**
 * Return by how much to scale a picture down to a height; never up.
 *
 * @type {(wanted: number, height?: number) => number}
 */
const scaleTo = (wanted, height) => Math.max(1, (height || wanted) / wanted);
