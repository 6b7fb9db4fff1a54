// Saves a figure: what it can make of itself, and else the formats that its output holds.
import { download } from "./download";
import type { LazyFigure } from "./lazyFigure";
import { trans } from "./translation";

const types: Record<string, string> = {
  svg: "image/svg+xml",
  pdf: "application/pdf",
  png: "image/png",
  arrow: "application/vnd.apache.arrow.stream",
  csv: "text/csv",
  wav: "audio/wav",
};

/** The formats in which a figure can be saved. */
export function kinds({ data, figure }: LazyFigure): string[] {
  const held = [
    ...(data["image/svg+xml"] ? ["svg"] : []),
    ...(Object.keys(data).some((type) => type.endsWith("+arrow")) ? ["arrow"] : []),
    ...(data["audio/wav"] ? ["wav"] : []),
  ];
  return [...new Set([...(figure?.exportFigure ? (figure.exportKinds ?? Object.keys(types)) : []), ...held])];
}

/** Saves it. @throws Error if the figure cannot be saved so */
export async function exportFigure(shown: LazyFigure, kind: string): Promise<void> {
  const { figure, data } = shown;
  const name = `${String(data["text/plain"] ?? "figure")
    .split("\n")[0]
    .slice(0, 80)}.${kind}`;
  const own = figure?.exportFigure && (figure.exportKinds ?? Object.keys(types)).includes(kind);
  if (own) {
    download([await figure.exportFigure!(kind)], name, types[kind] ?? "");
    return;
  }
  const parts: Record<string, () => BlobPart> = {
    svg: () => joined(data["image/svg+xml"]),
    arrow: () => decoded(Object.entries(data).find(([type]) => type.endsWith("+arrow"))?.[1]),
    wav: () => decoded(data["audio/wav"]),
  };
  if (!kinds(shown).includes(kind) || !parts[kind]) {
    throw new Error(trans.__("this figure can be saved as %1, not as %2", kinds(shown).join(", ") || "–", kind));
  }
  download([parts[kind]()], name, types[kind]);
}

// Notebooks may store long text as a list of lines.
const joined = (held: unknown): string => (Array.isArray(held) ? held.join("") : String(held ?? ""));

const decoded = (held: unknown): BlobPart =>
  Uint8Array.from(atob(joined(held).replace(/\s+/g, "")), (byte) => byte.charCodeAt(0));
