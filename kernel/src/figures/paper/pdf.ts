// PDF files: the drawing in lines and letters on a page of its own size, with its facts inside.
import { buffer } from "node:stream/consumers";
import PDFDocument from "pdfkit";
import intoPdf from "svg-to-pdfkit";
import { parsed } from "../svg";
import { selfContained } from "./drawing";
import type { Told } from "./facts";
import { fonts } from "./fonts";

const pointsPerMm = 72 / 25.4;

/** The drawing on a page of its size. The time of its making is left out where SOURCE_DATE_EPOCH gives another. */
export async function pdfFile(
  svg: string,
  told: Told,
  { widthMm, heightMm }: { widthMm: number; heightMm: number },
): Promise<Uint8Array> {
  const size: [number, number] = [widthMm * pointsPerMm, heightMm * pointsPerMm];
  const epoch = process.env.SOURCE_DATE_EPOCH;
  const { Title = "", Caption = "", Software = "bestrq", ...others } = told;
  const rest = Object.entries(others).map(([name, value]) => `${name}: ${value}`);
  const CreationDate = epoch === undefined ? new Date() : new Date(1000 * Number(epoch));
  const info = { Title, Subject: Caption, Keywords: rest.join("; "), Creator: Software, CreationDate };
  const document = new PDFDocument({ size, margin: 0, lang: "en", displayTitle: true, info });
  document.registerFont("regular", fonts.regular);
  document.registerFont("bold", fonts.bold);
  intoPdf(document as never, withoutPaintOrder(selfContained(svg)), 0, 0, {
    width: size[0],
    height: size[1],
    fontCallback: (_, bold) => (bold ? "bold" : "regular"),
  });
  document.end();
  return buffer(document as unknown as AsyncIterable<Uint8Array>);
}

/** PDF fills letters before it draws their outline, so letters with a halo are drawn twice: the outline, then the fill. */
function withoutPaintOrder(svg: string): string {
  const document = parsed(svg);
  for (const outlined of document.querySelectorAll("[paint-order]")) {
    const filled = outlined.cloneNode(true);
    for (const name of ["paint-order", "stroke", "stroke-width"]) {
      outlined.removeAttribute("paint-order");
      filled.removeAttribute(name);
    }
    outlined.after(filled);
  }
  return document.documentElement.outerHTML;
}
