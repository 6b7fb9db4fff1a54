// Saves a figure. The kernel draws it for a page, from the numbers that its output holds; without a kernel there is what
// the output itself holds.
import { download } from "./download";
import type { LazyFigure } from "./lazyFigure";
import { type Page, printed } from "./printing";
import { trans } from "./translation";

const types: Record<string, string> = {
  svg: "image/svg+xml",
  pdf: "application/pdf",
  png: "image/png",
  arrow: "application/vnd.apache.arrow.file",
  csv: "text/csv",
  wav: "audio/wav",
};

/** The formats in which a figure can be saved; those that only the kernel makes are among them where it has numbers. */
export function kinds({ data }: LazyFigure): string[] {
  if (numbersIn(data)) return ["svg", "pdf", "png", "arrow", "csv"];
  return [...(data["image/svg+xml"] ? ["svg"] : []), ...(data["audio/wav"] ? ["wav"] : [])];
}

/** Saves it. @throws Error if the figure cannot be saved so */
export async function exportFigure(shown: LazyFigure, kind: string, page: Page): Promise<void> {
  const { data } = shown;
  if (!kinds(shown).includes(kind))
    throw new Error(trans.__("this figure can be saved as %1, not as %2", kinds(shown).join(", ") || "–", kind));
  const [first] = joined(data["text/plain"] ?? "figure").split(/[:\n]/);
  download([await content(shown, kind, page)], `${first.replace(/\s+/g, " ").slice(0, 80)}.${kind}`, types[kind]);
}

async function content({ data, kernel }: LazyFigure, kind: string, page: Page): Promise<BlobPart> {
  const numbers = numbersIn(data);
  if (kind === "wav") return decoded(data["audio/wav"]);
  if (!numbers) return joined(data["image/svg+xml"]);
  try {
    return await printed(kernel, kind, decoded(numbers), page);
  } catch (error) {
    if (kind === "svg" && data["image/svg+xml"]) return joined(data["image/svg+xml"]);
    if (kind === "arrow") return decoded(numbers);
    throw error;
  }
}

const numbersIn = (data: LazyFigure["data"]): unknown =>
  Object.entries(data).find(([type]) => type.endsWith("+arrow"))?.[1];

// Notebooks may store long text as a list of lines.
const joined = (held: unknown): string => (Array.isArray(held) ? held.join("") : String(held ?? ""));

const decoded = (held: unknown): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(joined(held).replace(/\s+/g, "")), (byte) => byte.charCodeAt(0));
