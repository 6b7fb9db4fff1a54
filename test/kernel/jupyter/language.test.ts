import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client } from "./client";

let client: Client;
beforeAll(async () => {
  client = await Client.start();
  await client.execute(
    "/** How far. */\nconst distance = { metres: 42, 'key': 1 }; function sleep(milliseconds: number): void {}",
  );
});
afterAll(() => client.stop());

const points = (text: string) => Array.from(text).length;

describe("complete_request", () => {
  const complete = async (code: string, cursor_pos = points(code)) =>
    (await client.ask("complete_request", { code, cursor_pos })).content;

  test("knows the names of earlier cells and the members of values", async () => {
    expect(await complete("dista")).toMatchObject({ status: "ok", cursor_start: 0, cursor_end: 5 });
    expect((await complete("dista")).matches).toContain("distance");
    const { matches, metadata } = await complete("distance.");
    expect(matches).toEqual(expect.arrayContaining(["metres", "key"]));
    expect(metadata._jupyter_types_experimental[0]).toMatchObject({ text: expect.any(String), type: "property" });
  });

  const types = async (code: string, cursor_pos?: number) => {
    const { matches, metadata, cursor_start, cursor_end } = await complete(code, cursor_pos);
    const all = metadata._jupyter_types_experimental as Array<Record<string, unknown>>;
    expect(all.map(({ text }) => text)).toEqual(matches);
    for (const { start, end } of all) expect([start, end]).toEqual([cursor_start, cursor_end]);
    return Object.fromEntries(all.map(({ text, type }) => [text, type]));
  };

  test("says what each one is", async () => {
    expect(await types("dist")).toMatchObject({ distance: "constant" });
    expect(await types("slee")).toMatchObject({ sleep: "function" });
    expect(await types("Math.hyp")).toMatchObject({ hypot: "method" });
    expect(await types("awai")).toMatchObject({ await: "keyword" });
    expect(await types("promp")).toMatchObject({ prompt: "function" });
  });

  test("knows modules where one is imported: installed ones, Node's, what they export, and files", async () => {
    expect(await types('import { tf } from "bestr')).toMatchObject({ bestrq: "module" });
    expect(await types("import { readFile } from 'node:fs'", points("import { readFile } from 'node:fs"))).toEqual({
      "node:fs": "module",
      "node:fs/promises": "module",
    });
    expect(await types('await import("@tensorflow/tfjs-co')).toMatchObject({ "@tensorflow/tfjs-core": "module" });
    expect(await types('require("vitest/con')).toMatchObject({ "vitest/config": "module" });
    expect(await types('import { a } from "../kernel/sr')).toEqual({ "../kernel/src/": "folder" });
    const { matches, cursor_start, cursor_end } = await complete('const 𝒳 = require("apache-ar"); 1', 28);
    expect([matches, cursor_start, cursor_end]).toEqual([["apache-arrow"], 19, 28]);
  });

  test("knows files and folders in other strings, and the values that one may have", async () => {
    expect(await types('readFileSync("../pack')).toEqual({ "../package.json": "file", "../package-lock.json": "file" });
    expect(await types('readFileSync("../not')).toEqual({ "../notebooks/": "folder" });
    await client.execute("function choose(which: 'mhsa' | 'mamba' | 'other') {}");
    const { matches, cursor_start, cursor_end } = await complete("choose('m')", 9);
    expect([matches.sort(), cursor_start, cursor_end]).toEqual([["mamba", "mhsa"], 8, 9]);
  });

  test("counts the cursor in code points", async () => {
    const code = "const 𝒳 = '😀😀😀'; distance.met + 1";
    const cursor = points("const 𝒳 = '😀😀😀'; distance.met");
    const { matches, cursor_start, cursor_end } = await complete(code, cursor);
    expect(matches).toEqual(["metres"]);
    expect([cursor_start, cursor_end]).toEqual([cursor - 3, cursor]);
  });

  test("stays calm where there is nothing to complete", async () => {
    expect((await complete("")).status).toBe("ok");
    expect((await complete("'text", 3)).status).toBe("ok");
    expect((await complete("a", 99)).status).toBe("ok");
  });
});

describe("inspect_request", () => {
  const inspect = async (code: string, cursor_pos: number) =>
    (await client.ask("inspect_request", { code, cursor_pos, detail_level: 0 })).content;

  test("shows type and documentation of what stands at the cursor", async () => {
    const { found, data } = await inspect("distance", 3);
    expect(found).toBe(true);
    expect(data["text/plain"]).toContain("metres: number");
    expect(data["text/plain"]).toContain("How far.");
  });

  test("shows in more detail the source as a cell has it", async () => {
    const ask = async (code: string, detail_level: number) =>
      (await client.ask("inspect_request", { code, cursor_pos: 2, detail_level })).content.data["text/plain"];
    expect(await ask("sleep", 1)).toMatch(/In\[1\]:\nfunction sleep\(milliseconds: number\): void \{\}$/);
    expect(await ask("sleep", 0)).not.toContain("In[1]");
    expect(await ask("Math", 1)).toContain("Math");
  });

  test("knows what stands before the cursor and what is being called", async () => {
    expect((await inspect("sleep", 5)).data["text/plain"]).toContain("milliseconds: number");
    expect((await inspect("sleep(12, ", 10)).data["text/plain"]).toContain("milliseconds: number");
  });

  test("counts the cursor in code points", async () => {
    const code = "'😀😀😀😀😀😀😀😀'; distance";
    expect((await inspect(code, points(code) - 7)).data["text/plain"]).toContain("distance");
  });

  test("says so where there is nothing", async () => {
    expect(await inspect("  ", 1)).toEqual({ status: "ok", found: false, data: {}, metadata: {} });
  });
});

describe("is_complete_request", () => {
  test.each([
    ["1 + 1", "complete"],
    ["const x = await fetch('a')", "complete"],
    ["for await (const x of []) {}", "complete"],
    ["<number>x", "complete"],
    ["", "complete"],
    ["function f() {", "incomplete"],
    ["f(1,", "incomplete"],
    ["const s = `a", "incomplete"],
    ["/* a", "incomplete"],
    ["if (x) {\n  y()", "incomplete"],
    ["}}", "invalid"],
    ["const = 3", "invalid"],
    ["const s = 'a", "invalid"],
  ])("takes %j for %s", async (code, status) => {
    const { content } = await client.ask("is_complete_request", { code });
    expect(content.status).toBe(status);
    expect("indent" in content).toBe(status === "incomplete");
  });

  test("says how far the next line is indented", async () => {
    const indent = async (code: string) => (await client.ask("is_complete_request", { code })).content.indent;
    expect(await indent("if (x) {")).toBe("  ");
    expect(await indent("if (x) {\n  for (;;) {")).toBe("    ");
    expect(await indent("f(\n  1,")).toBe("  ");
  });
});
