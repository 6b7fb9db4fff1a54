// From the record to what plotly draws: one plot below another for each one who counts, over the same time.
import { bytes } from "../../../kernel/src/figures/units";
import type { Drawing } from "../figure";
import { plain, type Theme } from "../theme";
import { byteTicks } from "./byteTicks";
import { cellMarks } from "./cellMarks";
import { byGroup, groupTitle, type Look } from "./look";
import type { DeviceRecord, Group, Series } from "./record";
import { thinned } from "./thin";
import type { Range } from "./timeWindow";

export interface Picture {
  readonly range: Range;
  readonly width: number;
  readonly height: number;
  /** Series that are switched off. */
  readonly hidden: ReadonlySet<string>;
  readonly looks: ReadonlyMap<string, Look>;
  /** Between samples further apart nothing is known (milliseconds). */
  readonly gapMs: number;
}

/** The least height of one plot (pixels). */
export const plotHeight = 118;
const margin = { l: 62, r: 14, t: 32, b: 28 };
const between = 26;

/** The groups that have something to draw. */
export const drawnGroups = ({ series }: DeviceRecord, hidden: ReadonlySet<string>): [Group, Series[]][] =>
  byGroup([...series.values()].filter(({ name, ring }) => ring.length > 0 && !hidden.has(name)));

export function deviceDrawing(record: DeviceRecord, picture: Picture, theme: Theme): Drawing {
  const { range, width, height, gapMs, looks } = picture;
  const rows = drawnGroups(record, picture.hidden);
  const inside = { width: width - margin.l - margin.r, height: height - margin.t - margin.b };
  const data: object[] = [];
  const layout: Record<string, unknown> = {};
  const shapes: object[] = [];
  const annotations: object[] = [];
  let points = 0;
  rows.forEach(([group, members], row) => {
    const suffix = row === 0 ? "" : String(row + 1);
    const share = (inside.height - between * (rows.length - 1)) / rows.length;
    const top = 1 - (row * (share + between)) / inside.height;
    const bottom = Math.max(0, top - share / inside.height);
    let most = 0;
    for (const series of members) {
      const { times, values } = thinned(series.ring, range, inside.width, gapMs);
      points += values.length;
      for (const value of values) if (value !== null && value > most) most = value;
      const { colour, dash } = looks.get(series.name)!;
      data.push({
        type: "scatter",
        mode: "lines",
        x: times.map(local),
        y: values,
        yaxis: `y${suffix}`,
        connectgaps: false,
        line: { color: colour, width: 1.75, dash },
        hoverinfo: "none",
      });
    }
    const limits = members.flatMap(({ name, limit }) =>
      limit && most > 0.4 * limit ? [{ limit, colour: looks.get(name)!.colour }] : [],
    );
    for (const { limit, colour } of limits) {
      shapes.push({
        type: "line",
        xref: "paper",
        x0: 0,
        x1: 1,
        yref: `y${suffix}`,
        y0: limit,
        y1: limit,
        line: { color: colour, width: 1, dash: "2px,4px" },
      });
    }
    const high = Math.max(most, ...limits.map(({ limit }) => limit)) * 1.12 || 1;
    layout[`yaxis${suffix}`] = {
      ...theme.axis,
      ...byteTicks(high, Math.min(6, share / 34)),
      domain: [bottom, top],
      range: [0, high],
      fixedrange: true,
      zeroline: true,
    };
    annotations.push({
      text: plain(groupTitle(group)),
      ...{ x: 0, xref: "paper", xanchor: "left", y: top, yref: "paper", yanchor: "bottom" },
      yshift: row === 0 ? 1 : 2,
      showarrow: false,
      font: { size: 11, color: theme.ink },
    });
  });
  const marks = cellMarks(record.cells, range, inside.width, theme, local);
  return {
    data,
    layout: {
      ...theme.layout,
      ...layout,
      width,
      height,
      margin,
      showlegend: false,
      hovermode: "x",
      dragmode: "zoom",
      xaxis: {
        ...theme.axis,
        type: "date",
        range: range.map(local),
        anchor: rows.length > 1 ? `y${rows.length}` : "y",
        showgrid: false,
        zeroline: false,
        ticks: "outside",
        ticklen: 4,
        nticks: Math.max(2, Math.floor(inside.width / 80)),
        tickformatstops: [
          { dtickrange: [null, 1000], value: "%H:%M:%S.%L" },
          { dtickrange: [1000, 60_000], value: "%H:%M:%S" },
          { dtickrange: [60_000, null], value: "%H:%M" },
        ],
      },
      shapes: [...marks.shapes, ...shapes],
      annotations: [...annotations, ...marks.annotations],
    },
    told: { points, plots: rows.length, cells: marks.shapes.length },
  };
}

/** Plotly knows no time zones: the moment that, read as UTC, shows the user's clock. */
export const local = (time: number): number => time - new Date(time).getTimezoneOffset() * 60_000;

/** And back. */
export const fromLocal = (time: number): number => time + new Date(time).getTimezoneOffset() * 60_000;

/** What is known of a moment, in lines. */
export function describeMoment(record: DeviceRecord, time: number, hidden: ReadonlySet<string>): string[] {
  const cell = record.cellAt(time);
  const values = drawnGroups(record, hidden).flatMap(([, members]) =>
    members.flatMap(({ label, ring }) => {
      const at = nearest(ring, time);
      return at === undefined ? [] : [`${label}  ${bytes(ring.value(at))}`];
    }),
  );
  const clock = new Date(time).toLocaleTimeString(undefined, { hour12: false });
  return [clock + (cell ? `  [${cell.count ?? " "}]` : ""), ...values];
}

function nearest(ring: Series["ring"], time: number): number | undefined {
  if (ring.length === 0) return undefined;
  const after = Math.min(ring.firstFrom(time), ring.length - 1);
  return after > 0 && time - ring.time(after - 1) < ring.time(after) - time ? after - 1 : after;
}
