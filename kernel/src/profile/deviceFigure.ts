import type { DeviceGroup } from "../device";
import { curves, type Facet, type Figure } from "../figures";
import type { DeviceTrace } from "./deviceProfile";

/** What is on the axis of each kind. They overlap, so that none shares an axis with another. */
const axes: Record<DeviceGroup, string> = {
  device: "memory of the card",
  tensorflow: "TensorFlow's CUDA pool",
  webgpu: "WebGPU's buffers",
  wasm: "WebAssembly's heap",
  process: "memory of the process",
};

/** Draws the series over time, those of a kind together; where a limit is near, with a line at it. */
export function deviceFigure(title: string, series: readonly DeviceTrace[]): Figure {
  const start = Math.min(...series.map(({ timesMs }) => timesMs[0]));
  const groups = Object.keys(axes) as DeviceGroup[];
  const facets = groups.flatMap((group): Facet[] => {
    const members = series.filter((one) => one.group === group);
    if (members.length === 0) return [];
    const most = Math.max(...members.map(({ peak }) => peak));
    const [unit, size] = most >= 2 ** 31 ? ["GiB", 2 ** 30] : ["MiB", 2 ** 20];
    const limits = members.filter(({ limit }) => limit !== undefined && limit <= 2 * most);
    return [
      {
        y: { label: `${axes[group]} (${unit})` },
        series: members.map(({ label, timesMs, values }) => ({
          name: label,
          x: timesMs.map((time) => (time - start) / 1000),
          y: values.map((value) => value / size),
        })),
        references: limits.map(({ label, limit }) => ({ name: `limit: ${label}`, y: limit! / size })),
      },
    ];
  });
  return curves({ title, x: { label: "seconds" }, facets });
}
