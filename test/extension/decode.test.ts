import { Int32, Table, tableToIPC, vectorFromArray } from "apache-arrow";
import { heatmap, type MemoryEvent, memoryTrace } from "bestrq/figures";
import { memoryTable } from "bestrq/figures/memoryTable";
import { memoryBytes } from "bestrq/figures/memoryTrace";
import { expect, test } from "vitest";
import { decodeEvents, decodeMap, decodeMemory, joined } from "../../extension/src/decode";
import { attention, formats, memoryEvents } from "../kernel/figures/samples";

const mapType = "application/vnd.bestrq.map.v1+arrow";
const memoryType = "application/vnd.bestrq.memory.v1+arrow";
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");

test("decodeMap() gives back what heatmap() was given", () => {
  const panels = [attention(11, 0), attention(13, 1)];
  const y = { label: "mel <b>filter</b>", upwards: true };
  const figure = { title: "a & b", panels, x: { label: "key", unit: "frame", scale: 0.04 }, y, colourLabel: "weight" };
  const map = decodeMap(formats(heatmap(figure))[mapType]);
  expect(map.panels.map(({ name, rows, columns }) => [name, rows, columns])).toEqual([
    ["head 1", 11, 11],
    ["head 2", 13, 13],
  ]);
  expect(map.panels.map(({ values }) => values)).toEqual(panels.map(({ values }) => values));
  expect(map).toMatchObject({ title: "a & b", x: figure.x, y, colourLabel: "weight", diverging: false });
});

test("decodeMemory() gives back the events of memoryTrace(), and decodeEvents() those of a live message", () => {
  const events = memoryEvents(2);
  const { title, live, data } = decodeMemory(formats(memoryTrace({ title: "a trace", events }))[memoryType]);
  const rows = (trace: typeof data): MemoryEvent[] =>
    trace.timeUs.map((timeUs, row) => ({
      timeUs,
      deltaBytes: trace.deltaBytes[row],
      liveBytes: trace.liveBytes[row],
      op: trace.op[row],
      layer: trace.layer[row],
      phase: trace.phase[row],
      shape: JSON.parse(trace.shape[row]),
      dtype: trace.dtype[row],
      kind: trace.kind[row],
      tensor: trace.tensor[row],
    }));
  expect([title, live]).toEqual(["a trace", undefined]);
  expect(rows(data)).toEqual(events);
  const [first, second] = [events.slice(0, 7), events.slice(7)].map((part) =>
    decodeEvents(memoryBytes(memoryTable(part))),
  );
  expect(rows(joined(first, second))).toEqual(events);
});

test("decodeMap() and decodeMemory() say what is wrong with the data", () => {
  const table = (columns: Record<string, number[]>) =>
    base64(
      tableToIPC(
        new Table(Object.fromEntries(Object.entries(columns).map(([k, v]) => [k, vectorFromArray(v, new Int32())]))),
      ),
    );
  expect(() => decodeMap(undefined)).toThrow("its data is not text");
  expect(() => decodeMap({ evil: "<b>" })).toThrow("its data is not text");
  expect(() => decodeMap("%%%")).toThrow("its data is not base64");
  expect(() => decodeMap(base64(Buffer.from("<script>alert(1)</script>")))).toThrow("not an Arrow IPC stream");
  expect(() => decodeMap(table({ name: [1] }))).toThrow('its data has no column "rows"');
  expect(() => decodeMap(table({ name: [1], rows: [-1], columns: [-1], values: [1] }))).toThrow();
  expect(() => decodeMap(table({ name: [1], rows: [2 ** 30], columns: [2 ** 30], values: [1] }))).toThrow();
  expect(() => decodeMemory(table({ time_us: [1] }))).toThrow('its data has no column "delta_bytes"');
  expect(() => decodeMap("A".repeat(2 ** 20 * 350))).toThrow("its data is larger than 256 MiB");
});
