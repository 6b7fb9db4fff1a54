import type { DeviceTrace } from "bestrq/profile";
import { deviceFigure } from "bestrq/profile/deviceFigure";
import { test } from "vitest";
import { expectGolden } from "../figures/golden";

const GiB = 2 ** 30;

/** Eleven values from `first` to `peak` and halfway back, ten a second. */
function trace(name: string, group: DeviceTrace["group"], first: number, peak: number, limit?: number): DeviceTrace {
  const values = Float64Array.from({ length: 11 }, (_, i) => first + (peak - first) * Math.min(i / 7, (17 - i) / 10));
  const timesMs = Float64Array.from(values, (_, i) => 1_000_000 + 100 * i);
  const words = { label: name, unit: "bytes", what: name, resolution: "exact" } as const;
  return { ...words, name, group, values, timesMs, first, peak, last: values[10], ...(limit && { limit }) };
}

test("the machine's memory is drawn as its golden file: each kind by itself, with a limit that is near", async () => {
  const series = [
    trace("GPU 0, all processes", "device", 2 * GiB, 11 * GiB, 16 * GiB),
    trace("GPU 0, this process", "device", GiB, 9 * GiB, 80 * GiB),
    trace("RSS", "process", 0.2 * GiB, 0.7 * GiB),
  ];
  await expectGolden("device", await deviceFigure("Memory while training", series).svg());
});
