// SVG files: the drawing, with its facts inside.
import { plotting } from "../svg";
import type { Told } from "./facts";

const dublinCore = "http://purl.org/dc/elements/1.1/";
const namespaces = { title: "Title", description: "Caption" } as const;

/** The drawing with its facts in `<metadata>`, in the terms of Dublin Core. */
export function svgFile(svg: string, told: Told): string {
  const { document } = plotting();
  const node = (name: string, content: string) => {
    const one = document.createElementNS(dublinCore, `dc:${name}`);
    one.append(content);
    return one.outerHTML;
  };
  const known = Object.entries(namespaces).flatMap(([term, fact]) => (told[fact] ? [node(term, told[fact])] : []));
  const others = Object.entries(told).filter(([fact]) => !Object.values<string>(namespaces).includes(fact));
  const sources = others.map(([fact, value]) => node("source", `${fact}: ${value}`));
  const metadata = `<metadata xmlns:dc="${dublinCore}">${[...known, ...sources].join("")}</metadata>`;
  return svg.replace("</desc>", () => `</desc>${metadata}`);
}
