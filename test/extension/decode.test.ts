import { Int32, Table, tableToIPC, vectorFromArray } from "apache-arrow";
import { type MemoryEvent, memoryTrace } from "bestrq/figures";
import { memoryTable } from "bestrq/figures/memoryTable";
import { memoryBytes } from "bestrq/figures/memoryTrace";
import { expect, test } from "vitest";
import { decodeEvents, decodeMemory, joined } from "../../extension/src/decode";
import { formats, memoryEvents } from "../kernel/figures/samples";

const memoryType = "application/vnd.bestrq.memory.v1+arrow";
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");

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

test("decodeMemory() says what is wrong with the data", () => {
  const table = (columns: Record<string, number[]>) =>
    base64(
      tableToIPC(
        new Table(Object.fromEntries(Object.entries(columns).map(([k, v]) => [k, vectorFromArray(v, new Int32())]))),
      ),
    );
  expect(() => decodeMemory(undefined)).toThrow("its data is not text");
  expect(() => decodeMemory({ evil: "<b>" })).toThrow("its data is not text");
  expect(() => decodeMemory("%%%")).toThrow("its data is not base64");
  expect(() => decodeMemory(base64(Buffer.from("<script>alert(1)</script>")))).toThrow("not an Arrow IPC stream");
  expect(() => decodeMemory(table({ time_us: [1] }))).toThrow('its data has no column "delta_bytes"');
  expect(() => decodeMemory("A".repeat(2 ** 20 * 350))).toThrow("its data is larger than 256 MiB");
});
