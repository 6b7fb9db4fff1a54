// Saves the record, or the picture of it.

import { download } from "../download";
import { settings } from "../settings";
import { config, paperTheme, plain } from "../theme";
import { trans } from "../translation";
import { deviceDrawing, drawnGroups, plotHeight } from "./drawing";
import { looks } from "./look";
import type { KernelReport } from "./report";
import { arrow, csv } from "./tables";
import type { Range } from "./timeWindow";

interface Seen {
  readonly range: Range;
  readonly hidden: ReadonlySet<string>;
  readonly gapMs: number;
}

const pixelsPerMm = 96 / 25.4;

export async function save(kind: "csv" | "arrow" | "svg", report: KernelReport, seen: Seen): Promise<void> {
  const { record, names } = report;
  const moment = new Date(record.newest ?? Date.now()).toISOString().slice(0, 19).replaceAll(":", "-");
  const name = `memory ${names.title.replace(/\.ipynb$/, "")} ${moment}`;
  if (kind === "csv") download(csv(record), `${name}.csv`, "text/csv");
  else if (kind === "arrow")
    download([arrow(record, names.kernel)], `${name}.arrow`, "application/vnd.apache.arrow.file");
  else download([await svg(report, seen)], `${name}.svg`, "image/svg+xml");
}

/** What is seen, on white paper of the width that the settings say. */
async function svg({ record, names }: KernelReport, { range, hidden, gapMs }: Seen): Promise<string> {
  const { default: plotly } = await import("plotly.js-cartesian-dist-min");
  const { paperWidth } = settings();
  const width = Math.max(240, Math.round(paperWidth * pixelsPerMm));
  const rows = drawnGroups(record, hidden);
  const named = rows.flatMap(([, members]) => members.map(({ label }) => label));
  const legend = named.length * 18 + 8;
  const height = rows.length * plotHeight + 56;
  const picture = { range, width, height, hidden, gapMs, looks: looks(record.series.values(), false) };
  const { data, layout } = deviceDrawing(record, picture, paperTheme);
  const { margin } = layout as { margin: { b: number } };
  const address = await plotly.toImage(
    {
      data: data.map((line, index) => ({ ...line, name: plain(named[index]) })),
      layout: {
        ...layout,
        height: height + legend,
        margin: { ...margin, b: margin.b + legend },
        showlegend: true,
        legend: { orientation: "v", x: 0, xanchor: "left", y: -30 / (height - 56), yanchor: "top", font: { size: 11 } },
      },
      config,
    },
    { format: "svg", width, height: height + legend },
  );
  const text = decodeURIComponent(address.slice(address.indexOf(",") + 1));
  const title = trans.__("Memory of %1", [names.title, names.kernel].filter(Boolean).join(", "));
  const size = `width="${paperWidth}mm" height="${((paperWidth * (height + legend)) / width).toFixed(1)}mm"`;
  return text.replace(/(<svg[^>]*?) width="\d+" height="\d+"([^>]*>)/, `$1 ${size}$2<title>${plain(title)}</title>`);
}
