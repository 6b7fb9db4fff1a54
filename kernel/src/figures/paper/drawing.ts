// What an SVG document must be before it is drawn: of a known size, and whole.
import { parsed } from "../svg";
import { pixelsPerMm } from "../theme";

/** The document, if all it shows lies within it. @throws Error where it names a file or an address to take a picture from */
export function selfContained(svg: string): string {
  for (const node of parsed(svg).querySelectorAll("image, use, feImage")) {
    const link = node.getAttribute("href") ?? node.getAttribute("xlink:href") ?? "";
    if (link !== "" && !/^(data:image\/png;|#)/.test(link))
      throw new Error(`Cannot draw the figure: it shows "${link.slice(0, 60)}", which is not inside of it`);
  }
  return svg;
}

/** Width and height that an SVG document says of itself, in pixels or millimetres. @throws Error where it says none */
export function sizeOf(svg: string): { widthMm: number; heightMm: number } {
  const [root = ""] = /<svg\b[^>]*>/.exec(svg) ?? [];
  const length = (name: string) => {
    const [, number, unit] = new RegExp(` ${name}="([\\d.]+)(px|mm)?"`).exec(root) ?? [];
    return Number(number) / (unit === "mm" ? 1 : pixelsPerMm);
  };
  const size = { widthMm: length("width"), heightMm: length("height") };
  if (size.widthMm > 0 && size.heightMm > 0) return size;
  throw new Error("Cannot tell how large the drawing is: its <svg> needs width and height, in pixels or mm");
}
