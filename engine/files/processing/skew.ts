import type { GreyImage } from "./pdf.ts";

/** Wider than what feeders and hands do; a page that lies on its side is another matter. */
const MAX_DEGREES = 15;
const COARSE_DEGREES = 0.5;
const FINE_DEGREES = 0.1;
/** Darker is ink. */
const INK_BELOW = 128;

/**
 * By how many degrees the lines of a page fall to the right, to a tenth of one. At the right angle the rows of an image are full of
 * ink or empty, by turns: the angle is that at which neighbouring rows differ most. Its cost is that of the ink times 70.
 */
export function skewOf(image: GreyImage): number {
  const ink = inkOf(image);
  const around = (middle: number, reach: number, step: number): number => {
    let best = { degrees: middle, contrast: contrastAt(middle, ink, image) };
    for (let steps = -Math.round(reach / step); steps <= Math.round(reach / step); steps++) {
      const degrees = middle + steps * step;
      const contrast = contrastAt(degrees, ink, image);
      if (contrast > best.contrast) best = { degrees, contrast };
    }
    return best.degrees;
  };
  return around(around(0, MAX_DEGREES, COARSE_DEGREES), COARSE_DEGREES, FINE_DEGREES);
}

/** Column and row of each dark pixel, one after the other. */
function inkOf({ data, width }: GreyImage): Int16Array {
  const ink: number[] = [];
  data.forEach((level, at) => {
    if (level < INK_BELOW) ink.push(at % width, Math.floor(at / width));
  });
  return Int16Array.from(ink);
}

function contrastAt(degrees: number, ink: Int16Array, { width, height }: GreyImage): number {
  const slope = Math.tan((degrees * Math.PI) / 180);
  // Rows begin above the image where its right side falls below it.
  const above = Math.ceil(width * Math.abs(slope));
  const rows = new Int32Array(height + 2 * above + 1);
  for (let at = 0; at < ink.length; at += 2) rows[Math.round(ink[at + 1]! - ink[at]! * slope) + above]! += 1;
  let contrast = 0;
  for (let row = 1; row < rows.length; row++) contrast += (rows[row]! - rows[row - 1]!) ** 2;
  return contrast;
}
