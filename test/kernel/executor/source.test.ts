import { toCodePoints, toUtf16 } from "bestrq/executor/completion";
import { hasForAwait, withoutExports } from "bestrq/executor/source";
import { describe, expect, test } from "vitest";

describe("withoutExports()", () => {
  test.each([
    ["export const a = 1", "       const a = 1"],
    ["export type A = 3;\nexport interface B {}", "       type A = 3;\n       interface B {}"],
    ["export async function f() {}", "       async function f() {}"],
    ["const a = 1; export {\n  a\n};", "const a = 1;         \n   \n  "],
    ["const text = 'export const'; // export const", "const text = 'export const'; // export const"],
    ["function f() { return 'export' }", "function f() { return 'export' }"],
    ["export * from 'path'", "export * from 'path'"],
  ])("turns %j into %j, every other character in its place", (code, expected) => {
    expect(withoutExports(code)).toBe(expected);
  });
});

describe("hasForAwait()", () => {
  test.each([
    ["for await (const x of xs) {}", true],
    ["for /* each */ await (x of xs);", true],
    ["if (a) { try { for await (const x of xs) {} } finally {} }", true],
    ["label: for (const x of xs) for await (const y of x) break label", true],
    ["for (const x of await xs) {}", false],
    ["async function f() { for await (const x of xs) {} }", false],
    ["const f = async () => { for await (const x of xs) {} }", false],
    ["class A { async *m() { for await (const x of xs) {} } }", false],
    ["const o = { async m() { for await (const x of xs) {} } }", false],
    ["'for await (const x of xs) {}'; `for await`; // for await (x of xs)", false],
  ])("of %j is %s", (code, found) => {
    expect(hasForAwait(code)).toBe(found);
  });
});

describe("toUtf16() and toCodePoints()", () => {
  test("are each other's inverse at every character", () => {
    const code = "a𝒳ü😀€b";
    const offsets = [0, 1, 3, 4, 6, 7, 8];
    expect(offsets.map((_, points) => toUtf16(code, points))).toEqual(offsets);
    expect(offsets.map((offset) => toCodePoints(code, offset))).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(toUtf16(code, 99)).toBe(code.length);
  });
});
