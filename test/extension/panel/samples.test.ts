import { Table, tableFromIPC, tableToIPC, vectorFromArray } from "apache-arrow";
import { describe, expect, test } from "vitest";
import { DeviceRecord, type SeriesFacts } from "../../../extension/src/panel/record";
import { readCell, readNotes, readSamples, readSeries } from "../../../extension/src/panel/samples";
import { arrow, csv } from "../../../extension/src/panel/tables";
import { sampleBytes } from "./fakeKernel";

const facts = (name: string, group: SeriesFacts["group"] = "process"): SeriesFacts => ({
  name,
  label: name,
  what: "what",
  resolution: "resolution",
  group,
});

describe("what a kernel sends", () => {
  test("readSamples() hands on each sample, whether or not the names are in a dictionary", () => {
    const parts = [
      { series: "rss", timesMs: [1, 2, 3], values: [10, 20, 30] },
      { series: "vram", timesMs: [1, 3], values: [7, 8] },
    ];
    const taken: unknown[] = [];
    readSamples(sampleBytes(parts), (...sample) => taken.push(sample));
    const expected = parts.flatMap(({ series, timesMs, values }) =>
      timesMs.map((time, i) => [series, time, values[i]]),
    );
    expect(taken).toEqual(expected);
    const plain = { time_ms: [1.5], value: [2], series: ["rss"] };
    const table = new Table(Object.fromEntries(Object.entries(plain).map(([k, v]) => [k, vectorFromArray(v)])));
    const again: unknown[] = [];
    readSamples(tableToIPC(table, "stream"), (...sample) => again.push(sample));
    expect(again).toEqual([["rss", 1.5, 2]]);
  });

  test("what cannot be read is told", () => {
    const take = () => {};
    expect(() => readSamples(new Uint8Array([1, 2, 3]), take)).toThrow();
    expect(() => readSamples(Buffer.from("<script>alert(1)</script>"), take)).toThrow("not an Arrow IPC stream");
    const table = new Table({ time_ms: vectorFromArray([1]) });
    expect(() => readSamples(tableToIPC(table, "stream"), take)).toThrow('no column "series"');
    expect(() => readSamples(new Uint8Array(2 ** 26 + 1), take)).toThrow("larger than 64 MiB");
    expect(() => readSeries({ evil: 1 })).toThrow("its list of series is missing");
    expect(() => readSeries([{ label: "x" }])).toThrow("a series has no name");
    expect(() => readCell("x")).toThrow("a cell has no start");
  });

  test("readSeries() takes what it knows, and no more text than can be shown", () => {
    const given = [
      { name: "a", label: "<b>".repeat(1000), what: { evil: 1 }, resolution: null, group: "?", limit: -1 },
    ];
    expect(readSeries(given)).toEqual([
      { name: "a", label: "<b>".repeat(134).slice(0, 400), what: "", resolution: "", group: "other", limit: undefined },
    ]);
    expect(readNotes(["a", 3, null, {}])).toEqual(["a", "3"]);
    expect(readNotes("x")).toEqual([]);
  });
});

describe("DeviceRecord", () => {
  test("leaves out series that were not described and values that are none", () => {
    const record = new DeviceRecord(60_000);
    record.describe([facts("rss")], []);
    record.add("other", 1, 1);
    record.add("rss", 1, Number.NaN);
    record.add("rss", Number.POSITIVE_INFINITY, 1);
    expect(record.newest).toBeUndefined();
    record.add("rss", 5, 1);
    expect([record.newest, record.oldest]).toEqual([5, 5]);
  });

  test("keeps what it knows of a series when the kernel describes them again", () => {
    const record = new DeviceRecord(60_000);
    record.describe([facts("rss")], []);
    record.add("rss", 5, 1);
    record.describe([facts("vram", "device"), facts("rss")], ["a note"]);
    expect([...record.series].map(([name, { ring }]) => [name, ring.length])).toEqual([
      ["vram", 0],
      ["rss", 1],
    ]);
    expect(record.notes).toEqual(["a note"]);
  });

  test("knows which cell ran when, and forgets samples and cells older than its history", () => {
    const record = new DeviceRecord(1000);
    record.describe([facts("rss")], []);
    for (let time = 0; time <= 3000; time += 10) record.add("rss", time, time);
    record.mark({ id: "a", count: 1, startMs: 100 });
    record.mark({ id: "a", count: 1, startMs: 100, endMs: 300 });
    record.mark({ id: "b", count: 2, startMs: 2500 });
    expect([record.cellAt(200)?.count, record.cellAt(400), record.cellAt(9000)?.count]).toEqual([1, undefined, 2]);
    record.forget();
    expect([record.oldest, record.cells.map(({ id }) => id)]).toEqual([2000, ["b"]]);
    // Its end was never told: the next one's start is its end.
    record.mark({ id: "c", count: 3, startMs: 2800 });
    expect(record.cells[0].endMs).toBe(2800);
  });

  test("is saved as CSV and Arrow, with the cell that ran and what is measured", () => {
    const record = new DeviceRecord(1e6);
    record.describe([facts('a,"b"'), facts("vram", "device")], ["a note"]);
    record.add('a,"b"', 1000, 11);
    record.add('a,"b"', 2000, 12);
    record.add("vram", 1500, 7);
    record.mark({ id: "x", count: 4, startMs: 1400, endMs: 1800 });
    expect(csv(record).join("").split("\n")).toEqual([
      "time,series,bytes,cell",
      '1970-01-01T00:00:01.000Z,"a,""b""",11,',
      '1970-01-01T00:00:02.000Z,"a,""b""",12,',
      "1970-01-01T00:00:01.500Z,vram,7,4",
      "",
    ]);
    const table = tableFromIPC(arrow(record, "a kernel"));
    expect([...table].map((row) => Object.values(row!.toJSON()))).toEqual([
      [1000, 'a,"b"', 11, null],
      [2000, 'a,"b"', 12, null],
      [1500, "vram", 7, 4],
    ]);
    const { metadata } = table.schema;
    expect([metadata.get("kernel"), metadata.get("unit")]).toEqual(["a kernel", "bytes"]);
    expect(JSON.parse(metadata.get("series")!)[1]).toEqual(facts("vram", "device"));
  });
});
