import { tableFromIPC } from "apache-arrow";
import { History, sampleBytes, Trails } from "bestrq/device";
import { expect, test } from "vitest";

const hour = 3_600_000;

test("History keeps an hour at 20 samples a second in bounded memory, peaks included", () => {
  const history = new History();
  let most = 0;
  const began = 1_750_000_000_000;
  for (let time = 0; time < 2 * hour; time += 50) {
    const isPeak = time === 1.5 * hour + 350; // between two full seconds
    history.add(began + time, { a: isPeak ? 1000 : (time / 50) % 7, ...(time % 1000 === 0 ? { b: 3 } : {}) });
    most = Math.max(most, history.length);
  }
  expect(most).toBeLessThan(2 * (hour / 1000 + 1.3 * 60 * 20)); // of 2 * 72,000
  const { timesMs, values } = history.columns().get("a")!;
  expect(Math.max(...values)).toBe(1000);
  expect(timesMs[0]! - began).toBeGreaterThanOrEqual(hour - 20_000);
  expect([...timesMs]).toEqual([...timesMs].sort((a, b) => a - b));
  expect(timesMs.filter((time) => time >= began + 2 * hour - 60_000)).toHaveLength(1200); // the last minute as it was
});

test("History keeps the latest cells, each once", () => {
  const history = new History();
  for (let n = 0; n < 700; n++) {
    history.mark({ msg_id: `${n}`, execution_count: n, start_ms: n });
    history.mark({ msg_id: `${n}`, execution_count: n, start_ms: n, end_ms: n + 1 });
  }
  expect(history.cells).toHaveLength(500);
  expect(history.cells.at(-1)).toEqual({ msg_id: "699", execution_count: 699, start_ms: 699, end_ms: 700 });
});

test("Trails of a long recording get coarser, and keep first, last and peak", () => {
  const trails = new Trails(1000);
  for (let n = 0; n < 100_003; n++) trails.add(n * 50, { a: n === 71_111 ? 9 : 1 / (1 + n) });
  const { values } = trails.columns().get("a")!;
  expect(values.length).toBeLessThanOrEqual(1000);
  expect(values.length).toBeGreaterThan(300);
  expect([values[0], Math.max(...values)]).toEqual([1, 9]);
});

test("sampleBytes() gives an Arrow stream, one value a row", async () => {
  const trails = new Trails();
  trails.add(11, { a: 1, b: 2 });
  trails.add(13, { b: 2 ** 40 });
  const rows = [...tableFromIPC(await sampleBytes(trails.columns()))].map((row) => row.toJSON());
  expect(rows).toEqual([
    { time_ms: 11, series: "a", value: 1 },
    { time_ms: 11, series: "b", value: 2 },
    { time_ms: 13, series: "b", value: 2 ** 40 },
  ]);
});
