import { type MemoryColumns, stackMemory } from "bestrq/figures/stack";
import { expect, test } from "vitest";
import { memoryEvents } from "./samples";

function columns(layers: number): MemoryColumns {
  const events = memoryEvents(layers);
  return {
    length: events.length,
    timeUs: events.map(({ timeUs }) => timeUs),
    deltaBytes: events.map(({ deltaBytes }) => deltaBytes),
    liveBytes: events.map(({ liveBytes }) => liveBytes),
    layer: events.map(({ layer }) => layer),
    phase: events.map(({ phase }) => phase),
  };
}

test.each([1, 3, 13])("stackMemory() of %d layers adds up to the live bytes at every point", (layers) => {
  const events = columns(layers);
  const { rows, series } = stackMemory(events, { points: 101 });
  expect(rows.length).toBeGreaterThan(30);
  for (const [point, row] of rows.entries()) {
    const sum = series.reduce((held, { bytes }) => held + bytes[point], 0);
    expect(sum).toBe(events.liveBytes[row]);
  }
});

test("stackMemory() keeps the peak to the byte, however few points are asked for", () => {
  const events = columns(13);
  const { peak, rows } = stackMemory(events, { points: 5 });
  expect(peak?.bytes).toBe(Math.max(...Array.from(events.liveBytes)));
  expect(rows).toContain(peak?.row);
  expect(rows.length).toBeLessThanOrEqual(7);
});

test("stackMemory() groups by the depth of path that shows something", () => {
  const names = (layers: number) => stackMemory(columns(layers)).series.map(({ name }) => name);
  expect(names(1)).toContain("encoder.0.mixer");
  expect(
    names(13)
      .slice(1, -1)
      .every((name) => /^(encoder\.\d+|frontEnd|head)$/.test(name)),
  ).toBe(true);
  expect(names(13).length).toBe(14);
  expect(names(13).at(0)).toBe("held before");
  expect(names(13).at(-1)).toBe("everything else");
});

test("stackMemory() finds the phases and shows a stretch of time in detail", () => {
  const events = columns(13);
  const { phases, timeUs } = stackMemory(events);
  expect(phases.map(({ name }) => name)).toEqual(["forward", "backward"]);
  const [from, to] = [timeUs.at(-1)! / 2, (timeUs.at(-1)! * 3) / 4];
  const detail = stackMemory(events, { between: [from, to], points: 1000 });
  const inside = events.timeUs as number[];
  expect(detail.rows.length).toBe(
    inside.filter((time) => time - inside[0] >= from && time - inside[0] <= to).length + 2,
  );
});

test("stackMemory() of nothing is nothing", () => {
  const none = { length: 0, timeUs: [], deltaBytes: [], liveBytes: [], layer: [], phase: [] };
  expect(stackMemory(none)).toEqual({ timeUs: [], rows: [], series: [], peak: undefined, phases: [] });
});
