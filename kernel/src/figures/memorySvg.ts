// The memory trace on paper: stacked areas, phases, peak.
import { stackedColours } from "./colours";
import type { MemoryStack } from "./stack";
import { card, faint, ink, legend, placed, plotting, text } from "./svg";
import { type Theme, theme, widthOf } from "./theme";
import { bytes, exactBytes } from "./units";

const mostWidth = 720;

/** Draws the stack as an SVG document; `description` is for those who cannot see it. */
export function memorySvg(
  title: string,
  stack: MemoryStack,
  description: string,
  page: Theme = theme("screen"),
): string {
  const width = widthOf(page, mostWidth);
  const plotHeight = Math.round(Math.min(300, Math.max(200, width * 0.6)));
  const { Plot } = plotting();
  const { peak, series, phases } = stack;
  const colours = stackedColours(series);
  const names = legend(
    series.map(({ name }, index) => ({ name, colour: colours[index] })),
    40,
    width,
  );
  const top = 42 + names.height;
  const size = { width, height: top + plotHeight + 8 };
  if (!peak) return card({ width, height: 76 }, { title, description }, [text(14, 52, "no allocations yet")], page);

  const unit = memoryUnit(peak.bytes);
  const endMs = (stack.timeUs.at(-1) ?? 0) / 1e3;
  const areas = outlines(stack, unit.bytes);
  const peakAt = { ms: peak.timeUs / 1e3, held: peak.bytes / unit.bytes };
  const starts = phases.map(({ name, timeUs }) => ({ name, ms: timeUs / 1e3 }));
  const anchor = peakAt.ms > endMs / 2 ? "end" : "start";
  const drawing = placed(8, top, {
    width: width - 16,
    height: plotHeight,
    marginLeft: 48,
    marginRight: 12,
    marginTop: 44,
    marginBottom: 36,
    x: { label: "time (ms)", labelAnchor: "center", labelArrow: "none", domain: [0, endMs || 1], ticks: width / 90 },
    y: { label: unit.name, labelArrow: "none", grid: true, domain: [0, peakAt.held * 1.06 || 1], ticks: 5 },
    color: { domain: series.map(({ name }) => name), range: colours },
    marks: [
      Plot.line(areas, { x: "ms", y: "held", z: "name", fill: "name", stroke: null, curve: "step-after" }),
      Plot.ruleX(starts.slice(1), { x: "ms", stroke: ink, strokeDasharray: "3,3" }),
      Plot.text(starts.length <= 8 ? starts : [], {
        x: "ms",
        text: "name",
        frameAnchor: "top",
        textAnchor: "start",
        dx: 4,
        dy: -24,
        fill: faint,
      }),
      Plot.dot([peakAt], { x: "ms", y: "held", r: 4, fill: "#ffffff", stroke: ink, strokeWidth: 2 }),
      Plot.text([peakAt], {
        x: "ms",
        y: "held",
        text: () =>
          width < 500 ? `peak ${bytes(peak.bytes)}` : `peak ${exactBytes(peak.bytes)} (${bytes(peak.bytes)})`,
        textAnchor: anchor,
        dx: anchor === "end" ? -8 : 8,
        dy: -9,
        fontWeight: 600,
        stroke: "#ffffff",
        strokeWidth: 4,
        fill: ink,
      }),
      Plot.ruleY([0]),
    ],
  });
  return card(size, { title, description }, [...names.nodes, drawing], page);
}

// The upper edge of each stacked area, the highest area first: each lies behind the next and needs no lower edge.
function outlines({ series, timeUs }: MemoryStack, unit: number) {
  const tops = timeUs.map(() => 0);
  const drawn = series.map(({ name, bytes }) => {
    const edge = timeUs.map((time, point) => {
      tops[point] += bytes[point] / unit;
      return { name, ms: time / 1e3, held: tops[point] };
    });
    return [{ ...edge[0], held: 0 }, ...edge, { ...edge[edge.length - 1], held: 0 }];
  });
  return drawn.reverse().flat();
}

const memoryUnit = (peak: number) =>
  peak >= 2 ** 30
    ? { name: "GiB", bytes: 2 ** 30 }
    : peak >= 2 ** 20
      ? { name: "MiB", bytes: 2 ** 20 }
      : { name: "KiB", bytes: 2 ** 10 };
