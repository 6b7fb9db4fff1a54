// Figures as files, for papers, slides and spreadsheets.
import { rename, rm, writeFile } from "node:fs/promises";
import { extname } from "node:path";
import { tableToIPC } from "apache-arrow";
import { withFacts } from "../arrow";
import type { Drawable, Facts, Figure } from "../figure";
import { type Theme, theme } from "../theme";
import { csvFile } from "./csv";
import { sizeOf } from "./drawing";
import { factsOf } from "./facts";
import { svgFile } from "./svg";

/** How a figure is written: a theme or parts of one, facts to tell beside its own, and the fineness of a PNG. */
export interface SaveOptions extends Partial<Theme>, Facts {
  /** Dots per inch of a PNG (default 300). */
  readonly dpi?: number;
}

/** The formats in which a figure can be had. */
export type Format = "svg" | "pdf" | "png" | "arrow" | "csv";
type Writer = (figure: Figure, options: SaveOptions) => Promise<Uint8Array | Iterable<string>>;

const writers: Record<Format, Writer> = {
  svg: async (figure, options) => {
    const { svg, told } = await drawn(figure, options);
    return [svgFile(svg, told)];
  },
  pdf: async (figure, options) => {
    const { svg, told } = await drawn(figure, options);
    const { pdfFile } = await import("./pdf.js"); // what writes PDFs and dots takes 30 MB, and a second to load
    return pdfFile(svg, told, sizeOf(svg));
  },
  png: async (figure, options) => {
    const { svg, told } = await drawn(figure, options);
    const { pngFile } = await import("./png.js");
    return pngFile(svg, told, { ...sizeOf(svg), dpi: options.dpi ?? 300 });
  },
  arrow: async (figure, options) => tableToIPC(withFacts(await figure.data(), factsOf(figure, options)), "file"),
  csv: async (figure, options) => csvFile(figure.columns, await figure.rows(), factsOf(figure, options)),
};

async function drawn(figure: Figure, options: SaveOptions) {
  const svg = await figure.svg({ ...theme("screen"), ...options });
  return { svg, told: factsOf(figure, options) };
}

export const isFormat = (name: unknown): name is Format => Object.hasOwn(writers, String(name));

/** What {@link save} writes. */
export async function exported(
  figure: Figure,
  format: Format,
  options: SaveOptions,
): Promise<Uint8Array | Iterable<string>> {
  const { widthMm } = options;
  if (widthMm !== undefined && !(widthMm >= 30 && widthMm <= 2000))
    throw new RangeError(`Cannot save the figure: its width must be 30 to 2000 mm, got ${widthMm}`);
  return writers[format](figure, options);
}

/**
 * Writes a figure to a file; the name's ending says in which format: `.svg`, `.pdf` and `.png` are the drawing,
 * `.arrow` and `.csv` the numbers behind it. All carry title, caption, columns with units, seed and machine.
 * A file of that name is replaced, in one step.
 *
 * @throws RangeError where there is no such format, or a PNG would be too large
 * @example
 * await figures.save(figure, "loss.pdf", { ...figures.theme("paper"), caption: "Pre-training of MHSA", seed: 7 });
 * await figures.save(figure, "loss.png", { widthMm: 120, dpi: 600 });
 * await figures.save(figure, "loss.csv");
 */
export async function save(figure: Figure | Drawable, path: string, options: SaveOptions = {}): Promise<void> {
  const format = extname(path).slice(1).toLowerCase();
  if (!isFormat(format)) {
    const endings = Object.keys(writers).map((name) => `.${name}`);
    throw new RangeError(`Cannot save the figure as "${path}": the name must end in one of ${endings.join(", ")}`);
  }
  const content = await exported("figure" in figure ? await figure.figure() : figure, format, options);
  const temporary = `${path}.${process.pid}.part`;
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
