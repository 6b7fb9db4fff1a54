// An hour at twenty samples a second, and another one: neither the memory nor what is drawn grows.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { deviceDrawing } from "../../../extension/src/panel/drawing";
import { looks } from "../../../extension/src/panel/look";
import { KernelReport } from "../../../extension/src/panel/report";
import { SessionInUse } from "../../../extension/src/panel/sessionInUse";
import { paperTheme } from "../../../extension/src/theme";
import { fakeKernel, fakeLab, settled } from "./fakeComm";
import { sampleBytes } from "./fakeKernel";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
/** Bytes in use. What buffers held is given back some time after they were collected, so it is asked a few times. */
const held = async () => {
  let least = Number.POSITIVE_INFINITY;
  for (let time = 0; time < 10; time++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    least = Math.min(least, heapUsed + arrayBuffers);
  }
  return least;
};

const names = Array.from({ length: 7 }, (_, index) => `series ${index}`);
const minute = 60_000;

test("an hour of samples is kept and drawn in bounded room, and the next hour takes no more", async () => {
  const { kernel, comms } = fakeKernel();
  const { shell, tracker } = fakeLab(kernel);
  const inUse = new SessionInUse(shell as never, [tracker as never]);
  const report = new KernelReport(inUse, { intervalMs: 50, historyMs: 60 * minute });
  await settled();
  const groups = ["process", "device", "tensorflow"];
  comms[0].tell({ series: names.map((name, index) => ({ name, group: groups[index % 3] })), notes: [] });
  let cell = 0;
  const anHour = async (hour: number) => {
    for (let at = hour * 60; at < hour * 60 + 60; at++) {
      const timesMs = Float64Array.from({ length: 1200 }, (_, index) => at * minute + 50 * index);
      const values = timesMs.map((time) => 1e9 + (time % 7919) * 1000);
      comms[0].tell({}, sampleBytes(names.map((series) => ({ series, timesMs, values }))));
      for (let n = 0; n < 60; n++, cell++) {
        const start_ms = at * minute + 1000 * n;
        comms[0].tell({ cell: { msg_id: `m${cell}`, execution_count: cell, start_ms } });
        comms[0].tell({ cell: { msg_id: `m${cell}`, execution_count: cell, start_ms, end_ms: start_ms + 900 } });
      }
      await settled();
    }
  };
  const drawn = () => {
    const { record } = report;
    const range = [record.newest! - 60 * minute, record.newest!] as const;
    const picture = { range, width: 300, height: 500, hidden: new Set<string>(), gapMs: 15_000 };
    const { told, layout } = deviceDrawing(
      record,
      { ...picture, looks: looks(record.series.values(), false) },
      paperTheme,
    );
    const { shapes, annotations } = layout as { shapes: object[]; annotations: object[] };
    return { points: Number(told.points), shapes: shapes.length, labels: annotations.length };
  };

  await anHour(0);
  const { record } = report;
  expect([...record.series.values()].map(({ ring }) => ring.length)).toEqual(names.map(() => 72_000));
  expect([...record.series.values()].reduce((sum, { ring }) => sum + ring.byteLength, 0)).toBe(
    names.length * 72_000 * 16,
  );
  const first = { bytes: await held(), ...drawn() };
  expect(first.points).toBeLessThan(names.length * 3 * 300);
  expect(first.shapes).toBeLessThan(300);
  expect(first.labels).toBeLessThan(30);

  await anHour(1);
  expect(record.oldest).toBeGreaterThan(59 * minute);
  expect(record.cells.length).toBeLessThan(3700);
  expect(drawn().points).toBeLessThan(names.length * 3 * 300);
  expect((await held()) - first.bytes).toBeLessThan(2 * 2 ** 20);
  report.dispose();
});
