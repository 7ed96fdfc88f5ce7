// Whether a picture fills its tile or is shown whole.

const MOST_LOST = { top: 0.26, sides: 0.46 }; // of the picture: 4:3 fills 16:9, and 16:9 a square

/**
 * Return "cover" if a picture fills its box and loses little, and "contain" if it is shown whole.
 *
 * Top and bottom may lose less than the sides, as heads are in the middle. A large picture loses
 * no more at its sides either. Sizes have a `width` and a `height`; one that is not known is 0.
 *
 * @param {Size} picture
 * @param {Size} box
 */
export function fitOf(picture, box, { isLarge = false } = {}) {
  if (!(picture.width && picture.height && box.width && box.height)) return "cover";
  const shape = picture.width / picture.height / (box.width / box.height);
  const most = shape > 1 && !isLarge ? MOST_LOST.sides : MOST_LOST.top;
  return 1 - Math.min(shape, 1 / shape) <= most ? "cover" : "contain";
}
