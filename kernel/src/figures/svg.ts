// A figure on paper: a card with a title, the parts that Observable Plot draws, and a legend. Plot needs a document;
// linkedom's, in its XML flavour, escapes all text and attributes, so whatever data says stays data.
import { createRequire } from "node:module";
import { textWidth } from "./textWidth";
import { type Theme, theme as themeOf } from "./theme";
import { clipped } from "./units";

// Plot is an ES module. Loading it by require (Node >= 20.19) on first use keeps drawing synchronous.
const load = createRequire(__filename);
let loaded: { Plot: Plot; document: Document } | undefined;

/** Plot's functions, as far as we use them. */
export type Plot = Record<string, (...options: unknown[]) => unknown>;
/** A node of linkedom's document. */
export interface Element {
  setAttribute(name: string, value: string): void;
  getAttribute(name: string): string | null;
  removeAttribute(name: string): void;
  querySelector(selector: string): { remove(): void } | null;
  append(...nodes: (Element | string)[]): void;
  after(...nodes: Element[]): void;
  cloneNode(deep: boolean): Element;
  readonly outerHTML: string;
}
interface Document {
  createElementNS(namespace: string, name: string): Element;
  querySelectorAll(selector: string): Iterable<Element>;
  readonly documentElement: Element;
}

const svgNamespace = "http://www.w3.org/2000/svg";
export const ink = "#1f2328";
export const faint = "#59636e";
const margin = 14;

/** Plot and the document it draws in. */
export function plotting(): { Plot: Plot; document: Document } {
  if (loaded) return loaded;
  const plot = load("@observablehq/plot") as typeof import("@observablehq/plot", { with: {
    "resolution-mode": "import",
  }});
  loaded = { Plot: plot as unknown as Plot, document: parsed(`<svg xmlns="${svgNamespace}"/>`) };
  return loaded;
}

/** An SVG document as nodes. */
export function parsed(svg: string): Document {
  const { DOMParser } = load("linkedom") as typeof import("linkedom", { with: { "resolution-mode": "import" }});
  return new DOMParser().parseFromString(svg, "image/svg+xml") as unknown as Document;
}

/** An SVG element. */
export function element(name: string, attributes: Record<string, string | number>, ...children: (Element | string)[]) {
  const node = plotting().document.createElementNS(svgNamespace, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  node.append(...children);
  return node;
}

/** What Plot draws from `options`, placed at x, y of a card. */
export function placed(x: number, y: number, options: Record<string, unknown>): Element {
  const { Plot, document } = plotting();
  const node = Plot.plot({ document, ...options, style: { fontSize: "11px" } }) as Element;
  node.querySelector("style")?.remove();
  for (const name of ["class", "style", "fill"]) node.removeAttribute(name);
  const attributes = { x, y, "font-size": 11, fill: "currentColor" };
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  return node;
}

/** A line of text whose baseline is at y. */
export const text = (x: number, y: number, content: string, attributes: Record<string, string | number> = {}) =>
  element("text", { x, y, "font-size": 11, fill: faint, ...attributes }, content);

/** Swatches with names, as many lines as it takes. @returns the nodes and the height used */
export function legend(items: readonly { name: string; colour: string }[], y: number, width: number) {
  let x = margin;
  let line = y;
  const nodes: Element[] = [];
  for (const { name: whole, colour } of items) {
    const name = clipped(whole, 48);
    const wide = 26 + textWidth(name);
    if (x > margin && x + wide > width - margin) {
      x = margin;
      line += 17;
    }
    nodes.push(element("rect", { x, y: line, width: 10, height: 10, rx: 2, fill: colour }));
    nodes.push(text(x + 15, line + 9, name, { fill: ink }));
    x += wide;
  }
  return { nodes, height: items.length === 0 ? 0 : line - y + 19 };
}

const headingHeight = 22;

/** The whole figure as an SVG document: own background, so that it reads on light and on dark pages. */
export function card(
  size: { width: number; height: number },
  told: { title: string; description: string },
  parts: readonly Element[],
  { fontFamily, frame, heading, widthMm }: Theme = themeOf("screen"),
): string {
  const { width } = size;
  const height = heading ? size.height : size.height - headingHeight;
  const shown =
    widthMm === undefined
      ? { width, height }
      : { width: `${widthMm}mm`, height: `${((widthMm * height) / width).toFixed(2)}mm` };
  const root = element(
    "svg",
    {
      xmlns: svgNamespace,
      viewBox: `0 0 ${width} ${height}`,
      ...shown,
      role: "img",
      "aria-label": told.title,
      "font-family": fontFamily,
      color: ink,
    },
    element("title", {}, told.title),
    element("desc", {}, told.description),
    frame
      ? element("rect", {
          x: 0.5,
          y: 0.5,
          width: width - 1,
          height: height - 1,
          rx: 6,
          fill: "#ffffff",
          stroke: "#d8dee4",
        })
      : element("rect", { width, height, fill: "#ffffff" }),
    ...(heading
      ? [text(margin, 24, told.title, { "font-size": 14, "font-weight": 600, fill: ink }), ...parts]
      : [element("g", { transform: `translate(0,${-headingHeight})` }, ...parts)]),
  );
  // Control characters are not allowed in XML, not even escaped.
  return rounded(root.outerHTML).replace(/[^\P{Cc}\t\n\r]/gu, "");
}

// A tenth of a pixel is plenty; it shortens the files and makes them equal on every machine.
const rounded = (svg: string): string =>
  svg.replace(/( (?:d|transform|points|x|y|x1|x2|y1|y2|cx|cy)=")([^"]*)"/g, (_, name: string, value: string) => {
    const short = value.replace(/-?\d+\.\d{2,}(?:e-?\d+)?/g, (number) => String(Number(Number(number).toFixed(1))));
    return `${name}${short}"`;
  });
