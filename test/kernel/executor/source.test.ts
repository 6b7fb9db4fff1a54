import { toCodePoints, toUtf16 } from "bestrq/executor/completion";
import { complaints, prepared } from "bestrq/executor/source";
import { describe, expect, test } from "vitest";

describe("prepared()", () => {
  test.each([
    ["export const a = 1", "       const a = 1"],
    ["export type A = 3;\nexport interface B {}", "       type A = 3;\n       interface B {}"],
    ["export async function f() {}", "       async function f() {}"],
    ["const a = 1; export {\n  a\n};", "const a = 1;         \n   \n  "],
    ["const text = 'export const'; // export const", "const text = 'export const'; // export const"],
    ["function f() { return 'export' }", "function f() { return 'export' }"],
    ["export default 3 + 4", "               3 + 4"],
    ["export default function f() {}", "               function f() {}"],
    ["const fs = await import('node:fs'); fs", "import * as fs from 'node:fs';      fs"],
    ["const {sep}=await import('path')", "const {sep}=await import('path')"],
    ["let m = await import('path'); f(await import('path'))", "let m = await import('path'); f(await import('path'))"],
  ])("turns %j into %j, every other character in its place", (code, expected) => {
    expect(prepared(code)).toBe(expected);
  });
});

describe("complaints()", () => {
  test.each([
    ["using file = open('a')", "const file = ...; try { ... } finally { file[Symbol.dispose]() }"],
    ["if (true) {\n  using file = open('a')\n}", "const file = ..."],
    ["export { sep } from 'path'", "import { ... } from ..."],
    ["export * from 'path'", "import { ... } from ..."],
    ["export default class {}", "Give this a name"],
  ])("says of %j what to write instead", (code, advice) => {
    const [complaint, ...others] = complaints(code);
    expect(complaint?.message).toContain(advice);
    expect(others).toEqual([]);
  });

  test.each(["using(3)", "const using = 3; using", "export const a = 3", "export {}", "export default class A {}"])(
    "has none about %j",
    (code) => expect(complaints(code)).toEqual([]),
  );
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
