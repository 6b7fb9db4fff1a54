import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memoryTrace } from "bestrq/figures";
import { MemoryLog } from "bestrq/figures/memoryLog";
import { memoryColumns } from "bestrq/figures/memoryTable";
import { thinned } from "bestrq/figures/memoryThin";
import { stackMemory } from "bestrq/figures/stack";
import { expect, test } from "vitest";
import { formats, memoryEvents, numbers } from "./samples";

/** So many events of tensors that live for a while. */
function* manyEvents(count: number) {
  const next = numbers(3);
  const alive: { tensor: number; bytes: number; layer: string }[] = [];
  let [live, tensors] = [0, 0];
  for (let timeUs = 0; timeUs < count; timeUs++) {
    const frees = alive.length > 0 && next() < alive.length / 200;
    const one = frees
      ? alive.splice(Math.floor(next() * alive.length), 1)[0]
      : {
          tensor: ++tensors,
          bytes: 4 * Math.floor(1e6 * next()),
          layer: `encoder.${Math.floor(timeUs / 5000) % 12}.mixer`,
        };
    if (!frees) alive.push(one);
    const deltaBytes = frees ? -one.bytes : one.bytes;
    live += deltaBytes;
    const [op, phase, kind] = [frees ? "" : "MatMul", "forward", one.tensor % 3 ? "workspace" : "activations"];
    yield { timeUs, deltaBytes, liveBytes: live, ...one, op, phase, kind, shape: [one.bytes / 4], dtype: "float32" };
  }
}
const withoutBytes = (events: Iterable<object>) =>
  Array.from(events, ({ bytes: _, ...event }: { bytes?: number }) => event);

test("MemoryLog gives back what was appended, also what went to a file, which is gone at once", () => {
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith("bestrq-ledger"));
  const log = new MemoryLog({ inMemory: 1 });
  for (const event of manyEvents(50_001)) log.append(event);
  expect(log.length).toBe(50_001);
  expect([...log]).toEqual(withoutBytes(manyEvents(50_001)));
  expect(log.at(20_000)).toEqual([...withoutBytes(manyEvents(20_001))].at(-1));
  expect(MemoryLog.fromIPC(log.toIPC({ title: "t" }))).toMatchObject({
    facts: { title: "t" },
    log: { length: 50_001 },
  });
  expect(log.table(50_000).numRows).toBe(1);
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith("bestrq-ledger"))).toEqual(before);
});

test("MemoryLog tells the last kind of a tensor for all its events", () => {
  const log = new MemoryLog();
  const event = { timeUs: 0, deltaBytes: 4, liveBytes: 4, op: "", layer: "", phase: "", shape: [], dtype: "int32" };
  log.append({ ...event, kind: "activations", tensor: 1 });
  log.append({ ...event, kind: "activations", tensor: 2 });
  log.classify(1, "parameters");
  expect([...log].map(({ kind }) => kind)).toEqual(["parameters", "activations"]);
});

test("thinned() keeps the peak and the bytes of each kind, in a figure of less than a megabyte", () => {
  const log = MemoryLog.from(manyEvents(100_003));
  const thin = thinned(log);
  expect(thin.length).toBeLessThan(10_000);
  const [whole, short] = [log, thin].map((one) => stackMemory(memoryColumns(one), { by: "kind" }));
  expect(short.peak?.bytes).toBe(whole.peak?.bytes);
  expect(short.series.map(({ name, bytes }) => [name, bytes.at(-1)])).toEqual(
    whole.series.map(({ name, bytes }) => [name, bytes.at(-1)]),
  );
  const figure = formats(memoryTrace({ title: "long", events: log }));
  expect(figure["text/plain"]).toContain("100,003 allocations and frees");
  expect(Object.values(figure).join("").length).toBeLessThan(2 ** 20);
  expect(thinned(thin)).toBe(thin);
});

test("stackMemory() by op and by kind adds up to the live bytes, and what is freed is taken off what it was", () => {
  const events = memoryColumns(MemoryLog.from(memoryEvents(3)));
  for (const by of ["op", "kind"] as const) {
    const { rows, series } = stackMemory(events, { by });
    for (const [point, row] of rows.entries()) {
      expect(series.reduce((held, { bytes }) => held + bytes[point], 0)).toBe(events.liveBytes[row]);
    }
    expect(series.map(({ name }) => name)).toEqual(
      by === "op" ? ["held before", "MatMul", "MatMulGrad"] : ["held before", "gradients", "activations"],
    );
  }
});

// A process of its own: what this one holds already would hide what a million events take.
test("a million events stay usable: recorded, read as a table and looked at, they take a bounded amount of memory", () => {
  const program = `
    const { MemoryLog, memoryTrace, displaySymbol } = require(${JSON.stringify(join(__dirname, "../../../kernel/dist/figures"))});
    const { MemoryProfile } = require(${JSON.stringify(join(__dirname, "../../../kernel/dist/profile/memoryProfile"))});
    gc();
    const before = process.memoryUsage.rss();
    const log = new MemoryLog();
    const shape = [2, 250, 512];
    let live = 0;
    for (let i = 0; i < 500_000; i++) {
      live += 2048 * (1 + (i % 7));
      log.append({ timeUs: 2 * i, deltaBytes: 2048 * (1 + (i % 7)), liveBytes: live, op: "MatMul", layer: "encoder." + (i % 12), phase: "forward", kind: "activations", shape, dtype: "float32", tensor: i + 1 });
      if (i < 100) continue;
      const tensor = i - 99;
      live -= 2048 * (1 + ((tensor - 1) % 7));
      log.append({ timeUs: 2 * i + 1, deltaBytes: -2048 * (1 + ((tensor - 1) % 7)), liveBytes: live, op: "", layer: "encoder." + ((tensor - 1) % 12), phase: "forward", kind: "workspace", shape, dtype: "float32", tensor });
    }
    const recorded = process.memoryUsage.rss();
    const profile = new MemoryProfile({ title: "a million", held: 0, returned: [], variables: [] }, undefined, log);
    const views = [profile.alive("kind"), profile.largest(), profile.kept(), profile.difference(profile), profile];
    for (const view of views) view[displaySymbol]();
    const rows = profile.toArrow().numRows;
    const kib = Number(/VmHWM:\\s*(\\d+)/.exec(require("fs").readFileSync("/proc/self/status", "utf8"))?.[1] ?? 0);
    console.log(JSON.stringify({ rows, recorded: recorded - before, all: 1024 * kib - before, alive: profile.books.alive, live }));
  `;
  const told = JSON.parse(execFileSync(process.execPath, ["--expose-gc", "-e", program], { encoding: "utf8" }));
  expect(told.rows).toBe(999_900);
  expect(told.alive).toBe(told.live);
  expect(told.recorded).toBeLessThan(96 * 2 ** 20); // half of the events are in a file
  expect(told.all).toBeLessThan(400 * 2 ** 20);
}, 180_000);
