// The sizes in which we send the camera to a media server, which forwards one of them to each.

/**
 * The encodings, the largest first. Together they stay below the bit rate that a media server
 * accepts of a stream by default, 1 Mbit/s.
 */
export const SIZES = [
  { rid: "h", maxBitrate: 650_000 },
  { rid: "m", maxBitrate: 220_000, scaleResolutionDownBy: 2 },
  { rid: "l", maxBitrate: 90_000, scaleResolutionDownBy: 4 },
];

/** What the camera should give: its pictures are sent in full, half and quarter size. */
export const CAPTURED = { width: 1280, height: 720, frameRate: 24 };

const SMALL = 0.3; // of the captured height; up to there the quarter is sharp enough
const MEDIUM = 0.6;

/**
 * Return the number of the size for a picture that is shown so high, in pixels; 0 is the least.
 *
 * @param {number} height
 */
export function sizeFor(height) {
  if (height <= CAPTURED.height * SMALL) return 0;
  return height <= CAPTURED.height * MEDIUM ? 1 : 2;
}
