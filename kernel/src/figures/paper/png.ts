// PNG files: the drawing in dots, with its size on paper and its facts inside.
import { crc32 } from "node:zlib";
import { Resvg } from "@resvg/resvg-js";
import { selfContained } from "./drawing";
import type { Told } from "./facts";
import { fonts } from "./fonts";

/** More would take gigabytes; a poster of a metre at 600 dots per inch has 23,600. */
const mostPixels = 32_000;

/**
 * The drawing in dots.
 *
 * @param size.dpi dots per inch
 * @throws RangeError where that makes an image wider than 32,000 dots
 */
export function pngFile(svg: string, told: Told, { widthMm, dpi }: { widthMm: number; dpi: number }): Uint8Array {
  const width = Math.round((widthMm / 25.4) * dpi);
  if (!(width >= 1 && width <= mostPixels)) {
    throw new RangeError(
      `Cannot write a PNG: it may be 1 to ${mostPixels} dots wide, got ${widthMm} mm at ${dpi} dpi. Choose fewer dpi`,
    );
  }
  const font = { loadSystemFonts: false, fontFiles: [fonts.regular, fonts.bold], defaultFontFamily: fonts.family };
  const options = { font, fitTo: { mode: "width", value: width } } as const;
  const png = new Resvg(selfContained(withEdges(inOneFont(svg))), options).render().asPng();
  const perMetre = Math.round(dpi / 0.0254);
  return withChunks(png, [
    chunk("pHYs", uint32(perMetre), uint32(perMetre), [1]),
    ...Object.entries(told).map(([name, value]) => chunk("iTXt", utf8(name), [0, 0, 0, 0, 0], utf8(value))),
  ]);
}

/** Other letters than those it carries would come from the machine. */
const inOneFont = (svg: string): string => svg.replace(/ font-family="[^"]*"/g, ` font-family="${fonts.family}"`);

/** The cells of maps keep their edges: resvg knows an older word for that. */
const withEdges = (svg: string): string => svg.replaceAll("image-rendering:pixelated", "image-rendering:optimizeSpeed");

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** Length, name, content and checksum (PNG specification, 5.3). */
function chunk(name: string, ...content: (Uint8Array | number[])[]): Buffer {
  const body = Buffer.concat([utf8(name), ...content.map((part) => Uint8Array.from(part))]);
  return Buffer.concat([uint32(body.length - 4), body, uint32(crc32(body))]);
}

/** The image with more chunks behind its header, which is always the first and 25 bytes long, after 8 of signature. */
const withChunks = (png: Uint8Array, chunks: Buffer[]): Uint8Array =>
  Buffer.concat([png.subarray(0, 33), ...chunks, png.subarray(33)]);
