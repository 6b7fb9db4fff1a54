import { tableFromArrays } from "apache-arrow";
import { bundle, plain, text } from "bestrq/executor/display";
import { describe, expect, test } from "vitest";

describe("bundle()", () => {
  test("takes a value's own word, as JSON would carry it", async () => {
    const value = { [Symbol.for("Jupyter.display")]: () => ({ "application/json": { at: new Date(0) } }) };
    expect((await bundle(value)).data).toEqual({ "application/json": { at: "1970-01-01T00:00:00.000Z" } });
  });
});

describe("bundle() of an Arrow table", () => {
  const shown = async (value: unknown) => (await bundle(value)).data["text/plain"];

  test("shows the columns and the first rows, and reads no other", async () => {
    const length = 1_000_003;
    const table = tableFromArrays({
      step: Int32Array.from({ length }, (_, index) => index),
      loss: Float64Array.from({ length }, (_, index) => 1 / (index + 1)),
      name: ["short", "a\\nb", ...Array(length - 2).fill("long ".repeat(20))],
    });
    const read: number[] = [];
    const { get } = table;
    table.get = (index) => {
      read.push(index);
      return get.call(table, index);
    };
    const lines = String(await shown(table)).split("\n");
    expect(lines[0]).toBe("Table: 1,000,003 rows, 3 columns");
    expect(lines[1]).toMatch(/^ {3}step +loss {2}name$/);
    expect(lines[2]).toMatch(/^ {2}Int32 +Float64 {2}Dictionary<Int32, Utf8>$/);
    expect(lines[3]).toMatch(/^ {6}0 +1 {2}short$/);
    expect(lines).toHaveLength(1 + 2 + 10 + 1);
    expect(Math.max(...read)).toBe(9);
  });

  test("says how many columns are left out, and bears none", async () => {
    const wide = tableFromArrays(Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`c${i}`, Int8Array.of(i)])));
    expect(await shown(wide)).toContain("... and 5 more columns");
    expect(await shown(tableFromArrays({}))).toBe("Table: 0 rows, 0 columns");
  });
});

describe("text()", () => {
  test.each([
    ["a number", 3, "3"],
    ["a text", "a", "'a'"],
    ["a structure", { a: [1, { b: 2 }] }, "{ a: [ 1, { b: 2 } ] }"],
    ["a typed array", new Float32Array(3), "Float32Array(3) [ 0, 0, 0 ]"],
    ["nothing", null, "null"],
  ])("shows %s like util.inspect", (_, value, expected) => {
    expect(text(value)).toBe(expected);
  });

  test("stays short for large values, and says what is left out", () => {
    const wide = Object.fromEntries(Array.from({ length: 200_003 }, (_, i) => [`k${i}`, i]));
    expect(text(wide)).toContain("... and 199903 more properties");
    let deep: unknown = {};
    for (let i = 0; i < 20; i++) deep = [deep, deep, deep, deep, deep];
    for (const value of [wide, deep, "x".repeat(1e7), Array.from({ length: 1e6 }, () => ({ a: [{}] })), [wide, wide]]) {
      expect(text(value).length).toBeLessThan(25_000);
    }
  });

  test("runs no getter to find out how large a value is", () => {
    let ran = 0;
    const value = Object.defineProperty({}, "x", { enumerable: true, get: () => ran++ });
    text({ value });
    expect(ran).toBe(0);
  });
});

describe("plain()", () => {
  test("keeps undefined, and does what toJSON says", () => {
    expect(plain(undefined)).toBeUndefined();
    expect(plain({ a: { toJSON: () => 5 }, b: undefined })).toEqual({ a: 5 });
  });
});
