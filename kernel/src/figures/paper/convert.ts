// Drawings that exist as SVG, such as those in a saved notebook, as PDF or PNG.
import { readFile, writeFile } from "node:fs/promises";
import { extname } from "node:path";
import { parseArgs } from "node:util";
import { sizeOf } from "./drawing";
import type { Told } from "./facts";

const usage = "bestrq figures convert DRAWING.svg OUTPUT.pdf|.png [--width MM] [--dpi N]";

/** `bestrq figures convert`: the drawing as it is, scaled to a width where one is given. nbconvert calls it for LaTeX. */
export async function runFigures(args: string[]): Promise<void> {
  const options = { width: { type: "string" }, dpi: { type: "string" } } as const;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [verb, from, to, ...others] = positionals;
  if (verb !== "convert" || !from || !to || others.length > 0) throw new Error(`Cannot convert figures: say ${usage}`);
  const size = { widthMm: positive("width", values.width), dpi: positive("dpi", values.dpi) };
  await writeFile(to, await converted(await readFile(from, "utf8"), extname(to).toLowerCase(), size));
}

/**
 * An SVG document as `.pdf` or `.png`, with its title as metadata.
 *
 * @throws RangeError for another format; Error where the document has no size or shows pictures that it does not contain
 */
export async function converted(
  svg: string,
  format: string,
  { widthMm, dpi = 300 }: { widthMm?: number; dpi?: number } = {},
): Promise<Uint8Array> {
  const own = sizeOf(svg);
  const scale = (widthMm ?? own.widthMm) / own.widthMm;
  const size = { widthMm: own.widthMm * scale, heightMm: own.heightMm * scale };
  if (format === ".pdf") return (await import("./pdf.js")).pdfFile(svg, toldOf(svg), size);
  if (format === ".png") return (await import("./png.js")).pngFile(svg, toldOf(svg), { ...size, dpi });
  throw new RangeError(`Cannot convert a drawing to "${format}": there are .pdf and .png`);
}

function toldOf(svg: string): Told {
  const [, title] = /<title>([^<&]*)<\/title>/.exec(svg) ?? [];
  return title ? { Title: title } : {};
}

function positive(name: string, value: string | undefined): number | undefined {
  if (value === undefined || Number(value) > 0) return value === undefined ? undefined : Number(value);
  throw new Error(`Cannot convert the figure: --${name} must be a number above 0, got "${value}"`);
}
