// What the extension reads of a map figure, and what it refuses.
import { inflateRawSync } from "node:zlib";
import { Binary, Int32, Schema, Table, tableToIPC, vectorFromArray } from "apache-arrow";
import { heatmap, mapMimeType } from "bestrq/figures";
import { decode } from "bestrq/figures/map/scale";
import { expect, test } from "vitest";
import { decodeFirstMap, decodeMap } from "../../extension/src/map/decode";
import { firstMap } from "../kernel/figures/firstMap";
import { compared } from "../kernel/figures/maps";
import { attention, awaited } from "../kernel/figures/samples";

const figure = compared(53, 2);
const stored = (await awaited(heatmap(figure)))[mapMimeType];
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");

/** A figure whose metadata says what it likes. */
function forged(facts: Record<string, unknown>, columns = ["panel", "level", "row", "column", "tile"]): string {
  const vectors = columns.map((name) => [
    name,
    name === "tile" ? vectorFromArray([Uint8Array.of(1)], new Binary()) : vectorFromArray([0], new Int32()),
  ]);
  const table = new Table(Object.fromEntries(vectors));
  const told = new Map(Object.entries(facts).map(([key, value]) => [key, JSON.stringify(value)]));
  return base64(tableToIPC(new Table(new Schema(table.schema.fields, told), table.batches as never), "stream"));
}

test("decodeMap() gives back what heatmap() was given", () => {
  const { facts, tiles, live } = decodeMap(stored);
  expect(live).toBeUndefined();
  expect(facts).toMatchObject({
    title: figure.title,
    x: figure.x,
    y: figure.y,
    colourLabel: "weight",
    diverging: false,
  });
  expect(facts.transcript).toEqual(figure.along?.transcript);
  expect(facts.features).toMatchObject({ rows: 40, columns: 200, secondsPerFrame: 0.01 });
  expect(facts.audio).toEqual({ rate: 8000, samples: 16000 });
  expect(facts.panels.map(({ name, at, rows, columns }) => ({ name, at, shape: [rows, columns] }))).toEqual(
    figure.panels.map(({ name, at, shape }) => ({ name, at, shape })),
  );
  for (const [panel, { values }] of figure.panels.entries()) {
    const tile = tiles.find((one) => one.panel === panel && one.level === 0)!;
    const coding = facts.panels[panel];
    const errors = [...inflateRawSync(tile.bytes)].map((code, i) =>
      Math.abs(decode(code, coding) - (values as Float32Array)[i]),
    );
    expect(Math.max(...errors)).toBeLessThan(0.007 * coding.high);
  }
});

test("decodeFirstMap() reads the figures of notebooks saved before", () => {
  const panels = [attention(11, 0), attention(13, 1)].map(({ name, values, shape }) => {
    return { name, values: values as Float32Array, rows: shape![0], columns: shape![1] };
  });
  const axis = { label: "a & b", unit: "frame", scale: 0.04 };
  const { facts, tiles } = decodeFirstMap(firstMap(panels, { title: "t", x: axis, y: axis, colourLabel: "weight" }));
  expect(facts).toMatchObject({ title: "t", x: axis, colourLabel: "weight", sameColours: true });
  expect(facts.panels.map(({ name, rows, columns }) => [name, rows, columns])).toEqual([
    ["head 1", 11, 11],
    ["head 2", 13, 13],
  ]);
  const codes = tiles.find(({ panel, level }) => panel === 1 && level === 0)!.bytes;
  expect(codes).toHaveLength(169);
  for (const [cell, code] of codes.entries()) {
    expect(Math.abs(decode(code, facts.panels[1]) - panels[1].values[cell])).toBeLessThan(0.002);
  }
});

const shape = { rows: 3, columns: 5 };

test.each<[string, unknown, string]>([
  ["nothing", undefined, "its data is not text"],
  ["an object", { evil: "<b>" }, "its data is not text"],
  ["no base64", "%%%", "its data is not base64"],
  ["markup", base64(Buffer.from("<script>alert(1)</script>")), "not an Arrow IPC stream"],
  ["too much", "A".repeat(2 ** 20 * 350), "its data is larger than 256 MiB"],
  ["no map", forged({}), "it holds no map"],
  ["no list", forged({ panels: "many" }), "its parts are not a list"],
  ["too many maps", forged({ panels: Array(10_001).fill(shape) }), "more than 10000 parts"],
  ["a huge map", forged({ panels: [{ rows: 2 ** 30, columns: 2 ** 30 }] }), "cannot be"],
  ["a map of no size", forged({ panels: [{ rows: -1, columns: 0.5 }] }), "cannot be -1 × 0.5"],
  ["no tiles", forged({ panels: [shape] }, ["panel", "level", "row", "column"]), 'its data has no column "tile"'],
])("decodeMap() says what is wrong with %s", (_, data, message) => {
  expect(() => decodeMap(data)).toThrow(message);
});

test("decodeMap() makes text of text and numbers of numbers, whatever is stored", () => {
  const facts = {
    panels: [{ ...shape, name: { a: 1 }, low: "x", at: { mixer: ["<b>"] } }],
    title: 7,
    x: null,
    tone: "loud",
  };
  expect(decodeMap(forged(facts)).facts).toMatchObject({
    title: "7",
    tone: "linear",
    x: { label: "" },
    panels: [{ name: "[object Object]", low: 0, at: { mixer: "<b>" } }],
  });
});
