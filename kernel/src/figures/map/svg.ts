// The map figure on paper, as the interactive one shows it first: same layout, colours and words.
import { mapColoursFor } from "../colours";
import { card, type Element, element, faint, ink, text } from "../svg";
import { type Theme, theme, widthOf } from "../theme";
import { type Box, layout } from "./layout";
import { barMarks, type Mark, panelMarks } from "./marks";
import type { PackedMap } from "./pack";
import { nameOf, shownAt, stepsOf } from "./places";
import { barPicture, type Colouring, mapPicture } from "./png";
import { colourRange } from "./scale";

const margin = 14;
const widths = [560, 840, 1080];

/** Draws the figure as an SVG document; `description` is for those who cannot see it. */
export function heatmapSvg({ facts, tiles }: PackedMap, description: string, page: Theme = theme("screen")): string {
  const { title, x, y, colourLabel, diverging, tone, features, transcript, sameColours } = facts;
  const indices = shownAt(facts.panels, {});
  const shown = indices.map((index) => facts.panels[index]);
  const wide = shown.every(({ rows, columns }) => columns > 2 * rows);
  const width = widthOf(page, wide ? 760 : widths[Math.min(shown.length, widths.length) - 1]);
  const timed = (axis: typeof x) => axis.scale !== undefined;
  const placed = layout(width - 2 * margin, shown, {
    xWords: transcript !== undefined && timed(x),
    yWords: transcript !== undefined && timed(y),
    xFeatures: features !== undefined && timed(x),
    yFeatures: features !== undefined && timed(y),
    ownBar: !sameColours,
  });
  const colouring = (maps: typeof shown): Colouring => ({
    colours: mapColoursFor(diverging)[0],
    range: colourRange(maps, false, diverging),
    tone,
    diverging,
  });
  const bar = (box: Box, maps: typeof shown) => {
    const { range } = colouring(maps);
    const picture = { href: barPicture(colouring(maps).colours), preserveAspectRatio: "none" };
    return [
      element("image", { ...box, ...picture }),
      ...barMarks(box, range, colourRange(maps, true, diverging), tone, diverging).map(drawn),
    ];
  };

  const most = shown.length > 2 ? 200 : 400;
  const strip = features && {
    facts: features,
    tiles: tiles.filter(({ panel }) => panel === facts.panels.length),
    colouring: { ...colouring([features]), colours: "grey", tone: "linear", diverging: false } as const,
  };
  // A map's columns as seen through its axis: the spectrogram may be longer or shorter than the map.
  const stripHref = strip && mapPicture(strip.facts, strip.tiles, 800, strip.colouring, true);
  const parts = shown.flatMap((panel, index): Element[] => {
    const at = placed.panels[index];
    const own = tiles.filter(({ panel }) => panel === indices[index]);
    const href = mapPicture(panel, own, most, colouring(sameColours ? shown : [panel]), y.upwards);
    const view = { x: [0, panel.columns], y: [0, panel.rows] } as const;
    const marks = panelMarks({ ...panel, name: nameOf(panel), x, y, transcript }, at, view);
    const along = strip && stripHref ? strips(stripHref, strip.facts, panel, at, { x, y }) : [];
    return [
      element(
        "g",
        { transform: `translate(${margin + at.outer.x},${headHeight + at.outer.y})`, "font-size": 11 },
        element("image", { ...at.map, href, preserveAspectRatio: "none", style: "image-rendering:pixelated" }),
        ...along,
        ...marks.map(drawn),
        ...(at.bar ? bar(at.bar, [panel]) : []),
      ),
    ];
  });
  const head = legend(facts, shown.length, (box) => bar(box, shown));
  const size = { width, height: headHeight + placed.height + 8 };
  return card(size, { title, description }, [...head(colourLabel), ...parts], page);
}

const headHeight = 74;

// What the colours mean, and of what more the figure shows a part.
function legend({ panels, tone, sameColours }: PackedMap["facts"], shown: number, bar: (box: Box) => Element[]) {
  return (label: string): Element[] => {
    const more = stepsOf(panels).map(({ steps }) => `${steps[0]}, the first of ${steps.length}`);
    const words = [label, tone === "linear" ? "" : `${tone} scale`, ...(panels.length > shown ? more : [])];
    const told = words.filter(Boolean).join(" · ");
    if (!sameColours) return [text(margin, 46, `${told} · each map has its own colour scale`)];
    return [...bar({ x: margin, y: 38, width: 220, height: 9 }), text(margin + 234, 46, told)];
  };
}

function strips(
  href: string,
  features: NonNullable<PackedMap["facts"]["features"]>,
  panel: { rows: number; columns: number },
  at: ReturnType<typeof layout>["panels"][number],
  { x, y }: Pick<PackedMap["facts"], "x" | "y">,
): Element[] {
  const found: Element[] = [];
  const seconds = features.columns * features.secondsPerFrame;
  if (at.xFeatures) {
    const length = (at.xFeatures.width * seconds) / (panel.columns * (x.scale ?? 1));
    found.push(clippedPicture(at.xFeatures, { href, width: length, height: at.xFeatures.height }));
  }
  if (at.yFeatures) {
    const { x: left, y: top, width, height } = at.yFeatures;
    const length = (height * seconds) / (panel.rows * (y.scale ?? 1));
    // The same picture turned by a quarter: time downwards, low pitch beside the map.
    const transform = `translate(${left},${top}) matrix(0,1,1,0,0,0) scale(1,-1) translate(0,${-width})`;
    found.push(
      element(
        "svg",
        { ...at.yFeatures, viewBox: `${left} ${top} ${width} ${height}` },
        element("image", { href, x: 0, y: 0, width: length, height: width, preserveAspectRatio: "none", transform }),
      ),
    );
  }
  return found;
}

const clippedPicture = (box: Box, { href, width, height }: { href: string; width: number; height: number }): Element =>
  element(
    "svg",
    { ...box, viewBox: `0 0 ${box.width} ${box.height}` },
    element("image", { x: 0, y: 0, width, height, href, preserveAspectRatio: "none" }),
  );

/** A mark as an element of the document. */
function drawn(mark: Mark): Element {
  if (mark.kind === "line") {
    const { kind, ...ends } = mark;
    return element("line", { ...ends, stroke: faint });
  }
  if (mark.kind === "frame") return element("rect", { ...mark.box, fill: "none", stroke: "#d8dee4" });
  return element(
    "text",
    {
      x: mark.x,
      y: mark.y,
      fill: mark.faint ? faint : ink,
      "font-size": mark.size,
      "text-anchor": mark.anchor,
      "dominant-baseline": "central",
      ...(mark.bold && { "font-weight": 600 }),
      ...(mark.turned && { transform: `rotate(-90 ${mark.x} ${mark.y})` }),
    },
    mark.text,
  );
}
