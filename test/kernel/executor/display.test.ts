import { bundle, plain, text } from "bestrq/executor/display";
import { describe, expect, test } from "vitest";

describe("bundle()", () => {
  test("takes a value's own word, as JSON would carry it", async () => {
    const value = { [Symbol.for("Jupyter.display")]: () => ({ "application/json": { at: new Date(0) } }) };
    expect((await bundle(value)).data).toEqual({ "application/json": { at: "1970-01-01T00:00:00.000Z" } });
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
