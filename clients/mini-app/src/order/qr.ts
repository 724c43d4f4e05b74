import { encode } from "uqr";

/** A QR code as one SVG path on a square of `size` by `size` modules; the quiet zone of four modules is part of it. */
export interface QrDrawing {
  readonly size: number;
  readonly path: string;
}

/** Modules without ink around a code: readers need them (ISO/IEC 18004). */
const QUIET = 4;

/** Draws a text as a QR code. Throws when it is too long for one. */
export function drawQr(text: string): QrDrawing {
  const { size, data } = encode(text, { ecc: "M", border: QUIET });
  let path = "";
  data.forEach((row, y) => {
    for (let x = 0; x < size; x += 1) {
      const start = x;
      while (row[x]) {
        x += 1;
      }
      if (x > start) {
        path += `M${start} ${y}h${x - start}v1h-${x - start}z`;
      }
    }
  });
  return { size, path };
}
