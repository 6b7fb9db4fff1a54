// Where the parts of a map figure stand, in pixels. Also used by the extension, so that both look alike.

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What stands along the axes. */
export interface Furniture {
  readonly xWords: boolean;
  readonly yWords: boolean;
  readonly xFeatures: boolean;
  readonly yFeatures: boolean;
  /** Each map has its own colour bar. */
  readonly ownBar: boolean;
}

export interface PanelLayout {
  /** The whole panel within the figure; all other boxes are within the panel. */
  readonly outer: Box;
  readonly map: Box;
  readonly bar?: Box;
  readonly xWords?: Box;
  readonly yWords?: Box;
  readonly xFeatures?: Box;
  readonly yFeatures?: Box;
  /** Whether this panel tells the rows: the first of a row of panels does. */
  readonly first: boolean;
}

const heights = { name: 20, bar: 26, words: 17, features: 34, gap: 3, axis: 50 };
const widths = { label: 18, ticks: 42, next: 12, right: 12 };
const least = 150;
const greatest = 520;

/** Panels in rows: square maps side by side, as many as fit; wide ones, such as weights over time, below each other. */
export function layout(
  width: number,
  panels: readonly { rows: number; columns: number }[],
  furniture: Furniture,
): { panels: PanelLayout[]; height: number } {
  const words = (has: boolean) => (has ? heights.words + heights.gap : 0);
  const features = (has: boolean) => (has ? heights.features + heights.gap : 0);
  const left = widths.label + widths.ticks + words(furniture.yWords) + features(furniture.yFeatures);
  const top =
    heights.name + (furniture.ownBar ? heights.bar : 0) + words(furniture.xWords) + features(furniture.xFeatures);

  const wide = panels.every(({ rows, columns }) => columns > 2 * rows);
  const across = wide ? 1 : evenly(panels.length, (width - left + widths.next) / (least + widths.next + widths.right));
  const free = (width - left - (across - 1) * widths.next) / across - widths.right;
  const side = Math.max(100, Math.floor(wide ? free : Math.min(greatest, free)));

  const found: PanelLayout[] = [];
  let [x, y, tallest] = [0, 0, 0];
  for (const [index, { rows, columns }] of panels.entries()) {
    const first = index % across === 0;
    if (first) [x, y, tallest] = [0, y + tallest, 0];
    const before = first ? left : widths.next;
    const map = { x: before, y: top, width: side, height: heightOf(rows, columns, side) };
    const outer = { x, y, width: before + side + widths.right, height: top + map.height + heights.axis };
    const above = map.y - features(furniture.xFeatures);
    const beside = map.x - features(furniture.yFeatures);
    found.push({
      outer,
      map,
      first,
      ...(furniture.ownBar && { bar: { x: map.x, y: heights.name + 2, width: side, height: 7 } }),
      ...(furniture.xFeatures && { xFeatures: { ...map, y: above, height: heights.features } }),
      ...(furniture.xWords && { xWords: { ...map, y: above - words(true), height: heights.words } }),
      ...(first && furniture.yFeatures && { yFeatures: { ...map, x: beside, width: heights.features } }),
      ...(first && furniture.yWords && { yWords: { ...map, x: beside - words(true), width: heights.words } }),
    });
    x += outer.width;
    tallest = Math.max(tallest, outer.height);
  }
  return { panels: found, height: y + tallest };
}

// The same number in every row, as far as possible: four that do not fit are two and two.
function evenly(count: number, fit: number): number {
  const down = Math.ceil(count / Math.max(1, Math.min(count, Math.floor(fit))));
  return Math.ceil(count / down);
}

function heightOf(rows: number, columns: number, side: number): number {
  if (columns <= 2 * rows) return Math.round(side * Math.min(1.5, rows / columns));
  const each = rows <= 16 ? 18 : 3;
  return Math.round(Math.min(300, side * 0.75, Math.max(60, rows * each)));
}
