import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client, pause } from "./client";

let client: Client;
beforeAll(async () => {
  client = await Client.start();
});
afterAll(() => client.stop());

describe("kernel_info_request", () => {
  test("says what a front end needs to know of the language", async () => {
    const { content } = await client.ask("kernel_info_request");
    expect(content).toMatchObject({
      status: "ok",
      protocol_version: "5.5",
      implementation: "bestrq",
      language_info: {
        name: "typescript",
        file_extension: ".ts",
        mimetype: "text/typescript",
        pygments_lexer: "typescript",
        codemirror_mode: "typescript",
        nbconvert_exporter: "script",
      },
    });
  });
});

describe("execute_request", () => {
  test("goes busy, execute_input, outputs, execute_result, idle, under one parent", async () => {
    const { id, content } = await client.execute("console.log('out'); console.error('err'); 6 * 7");
    const seen = client.messages.filter(({ type, parent }) => parent.msg_id === id && type !== "execute_reply");
    expect(seen.map(({ type, content: { execution_state, name } }) => execution_state ?? name ?? type)).toEqual([
      "busy",
      "execute_input",
      "stdout",
      "stderr",
      "execute_result",
      "idle",
    ]);
    expect(content).toMatchObject({ status: "ok", payload: [], user_expressions: {} });
    expect(seen[1]!.content.execution_count).toBe(content.execution_count);
    expect(seen[4]!.content).toMatchObject({ execution_count: content.execution_count, data: { "text/plain": "42" } });
  });

  test("keeps variables, functions, classes, types and imports from cell to cell, and lets them be declared again", async () => {
    await client.execute(`
      import { join } from "node:path";
      interface Point { x: number; y: number }
      class Circle { constructor(readonly centre: Point, readonly radius: number) {} }
      const unit: Point = { x: 3, y: 5 };
      let count = 1;
      function twice(n: number) { return 2 * n }`);
    const { result } = await client.execute("count++; [join('a', 'b'), new Circle(unit, 7).radius, twice(count)]");
    expect(result["text/plain"]).toBe("[ 'a/b', 7, 4 ]");
    await client.execute("const count = 'another type'");
    expect((await client.execute("count")).result["text/plain"]).toBe("'another type'");
  });

  test("knows the variables of earlier cells wherever they are named", async () => {
    await client.execute("const loss = 0.5; let step = 1; const nested = { loss: 7 }");
    const { result } = await client.execute("[{ loss, step }, { nested }.nested.loss, ((step) => ({ step }))(3)]");
    expect(result["text/plain"]).toBe("[ { loss: 0.5, step: 1 }, 7, { step: 3 } ]");
    expect((await client.execute("({ step } = { step: 5 }); step")).result["text/plain"]).toBe("5");
  });

  test("shows no result for undefined, and null as null", async () => {
    expect((await client.execute("undefined")).result).toBeUndefined();
    expect((await client.execute("const nothing = 3")).result).toBeUndefined();
    expect((await client.execute("null")).result).toEqual({ "text/plain": "null" });
  });

  test("awaits a promise, at top level and as a result", async () => {
    expect((await client.execute("const seven = await Promise.resolve(7); seven")).result["text/plain"]).toBe("7");
    expect((await client.execute("Promise.resolve(11)")).result["text/plain"]).toBe("11");
  });

  test("awaits in parentheses, and modules whose types cannot all be named", async () => {
    expect((await client.execute("await (Promise.resolve(3))")).result["text/plain"]).toBe("3");
    const { result, content } = await client.execute('const fs = await import("node:fs"); fs.existsSync("/")');
    expect(result?.["text/plain"], content.evalue).toBe("true");
    expect((await client.execute("fs.existsSync('/')")).result["text/plain"]).toBe("true");
  });

  test("runs for await, also where nothing else in the cell awaits", async () => {
    const { content, stdout } = await client.execute(`
      async function* primes() { yield 2; await 0; yield 3; yield 5; }
      let sum = 0;
      { for await (const prime of primes()) { sum += prime; if (prime === 2) continue; console.log(prime); } }
      for await (const last of [Promise.resolve(7)]) sum += last;`);
    expect(content.status, content.evalue).toBe("ok");
    expect(stdout).toBe("3\n5\n");
    expect((await client.execute("sum")).result["text/plain"]).toBe("17");
    expect(
      (await client.execute("for await (const p of primes()) if (p > 2) { sum = p; break; }\nsum")).result,
    ).toEqual({
      "text/plain": "3",
    });
  });

  test("shows a value as its Jupyter.display says, awaited", async () => {
    const code = (body: string) => `({ [Symbol.for("Jupyter.display")]: ${body} })`;
    const bundle = { "text/plain": "a picture", "image/svg+xml": "<svg/>" };
    expect((await client.execute(code(`() => (${JSON.stringify(bundle)})`))).result).toEqual(bundle);
    expect((await client.execute(code(`async () => (${JSON.stringify(bundle)})`))).result).toEqual(bundle);
    expect((await client.execute(code("() => { throw new Error('cannot show') }"))).content.evalue).toBe("cannot show");
  });

  test("shows a large value shortly and soon", async () => {
    for (const code of [
      "new Float32Array(10_000_000)",
      "Array.from({ length: 1000 }, () => Array.from({ length: 1000 }, () => ({ a: [1, 2, { b: 3 }] })))",
      "Object.fromEntries(Array.from({ length: 300_000 }, (_, i) => ['key' + i, { i }]))",
      "'x'.repeat(20_000_000)",
      "new Map(Array.from({ length: 100_000 }, (_, i) => [i, { i, nested: { deep: [i] } }]))",
      "new Error('long'.repeat(1_000_000))",
    ]) {
      const { result, content } = await client.execute(code);
      expect(content.status, code).toBe("ok");
      expect(result["text/plain"]!.length, code).toBeLessThan(25_000);
    }
  });

  test("counts what is stored, and nothing else", async () => {
    const count = async (code: string, content = {}) => (await client.execute(code, content)).content.execution_count;
    const before = await count("1");
    expect(await count("2", { store_history: false })).toBe(before);
    expect(await count("3", { silent: true })).toBe(before);
    expect(await count("4")).toBe(before + 1);
  });

  test("shows nothing of a silent cell, and runs it", async () => {
    const { outputs, content } = await client.execute("var quiet = 5; console.log('no'); quiet", { silent: true });
    expect(outputs).toEqual([]);
    expect(content.status).toBe("ok");
    expect((await client.execute("quiet")).result["text/plain"]).toBe("5");
    const failed = await client.execute("throw new Error('no')", { silent: true });
    expect(failed.outputs).toEqual([]);
    expect(failed.content.status).toBe("error");
  });

  test("evaluates user_expressions, each with its own error", async () => {
    const user_expressions = { sum: "three + 4", thrown: "(() => { throw new RangeError('no') })()", wrong: "tree" };
    const { content } = await client.execute("const three = 3", { user_expressions });
    expect(content.user_expressions.sum).toEqual({ status: "ok", data: { "text/plain": "7" }, metadata: {} });
    expect(content.user_expressions.thrown).toMatchObject({ status: "error", ename: "RangeError", evalue: "no" });
    expect(content.user_expressions.wrong).toMatchObject({ status: "error", ename: "TypeScriptError" });
  });

  test("accepts export before a declaration", async () => {
    expect((await client.execute("export const shown = 5; export { shown }; shown")).result["text/plain"]).toBe("5");
    expect((await client.execute("export const shown = 6; shown")).result["text/plain"]).toBe("6");
    const { result } = await client.execute("export function f(): Kind { return 'x' }\nexport type Kind = string; f()");
    expect(result["text/plain"]).toBe("'x'");
  });

  test("imports CommonJS, ES modules, and TypeScript files beside the notebook, in whose lines they fail", async () => {
    const folder = mkdtempSync(join(tmpdir(), "bestrq-cells-"));
    const other = await Client.start({ cwd: folder });
    try {
      writeFileSync(
        join(folder, "beside.ts"),
        "export interface A {\n  a: number;\n}\nexport const fail = (): A => {\n  throw new Error('beside');\n};\n",
      );
      mkdirSync(join(folder, "node_modules/modern"), { recursive: true });
      writeFileSync(
        join(folder, "node_modules/modern/package.json"),
        '{ "name": "modern", "type": "module", "main": "index.js" }',
      );
      writeFileSync(join(folder, "node_modules/modern/index.js"), "export const year = 2015;");
      const { content } = await other.execute(
        "import { sep } from 'path'; import { fail } from './beside'; sep; fail()",
      );
      expect(content.traceback.join()).toMatch(/beside\.ts:5:9/);
      const modern = await other.execute("const { year } = await import('modern' as string); year");
      expect(modern.result?.["text/plain"], modern.content.evalue).toBe("2015");
    } finally {
      await other.stop();
      rmSync(folder, { recursive: true });
    }
  });

  test("goes on while a package that it has imported is built anew", async () => {
    const folder = mkdtempSync(join(tmpdir(), "bestrq-cells-"));
    const build = join(folder, "node_modules/changing/dist");
    const rebuild = () => {
      rmSync(build, { recursive: true, force: true });
      mkdirSync(build, { recursive: true });
      writeFileSync(join(build, "index.js"), "exports.value = 5;");
      writeFileSync(join(build, "index.d.ts"), 'export * from "./value";');
      writeFileSync(join(build, "value.d.ts"), "export declare const value: number;");
    };
    rebuild();
    writeFileSync(join(build, "../package.json"), '{ "name": "changing", "main": "dist/index.js" }');
    const other = await Client.start({ cwd: folder });
    try {
      for (const wait of [0, 0, 50, 100, 200, 300]) {
        await pause(wait);
        const { result, content } = await other.execute(
          'import { value } from "changing"; const kept: number = value; kept',
        );
        expect(result?.["text/plain"], content.evalue).toBe("5");
        rebuild();
      }
    } finally {
      await other.stop();
      rmSync(folder, { recursive: true });
    }
  });

  test("shows what programs write that a cell starts", async () => {
    const id = await client.submit(
      "import { execSync } from 'node:child_process'; execSync('echo below', { stdio: 'inherit' })",
    );
    const message = await client.until(({ type, parent }) => type === "stream" && parent.msg_id === id);
    expect(message.content).toEqual({ name: "stdout", text: "below\n" });
    await client.finished(id);
  });
});

describe("an error", () => {
  test("sends away what waits at that time and nothing later; without stop_on_error nothing", async () => {
    const failing = "await new Promise((resolve) => setTimeout(resolve, 200)); throw new Error('stop')";
    const waiting = [await client.submit(failing), await client.submit("1"), await client.submit("2")];
    const [failed, ...others] = await Promise.all(waiting.map((id) => client.finished(id)));
    const later = await client.execute("3");
    expect([failed, ...others, later].map((cell) => cell!.content.status)).toEqual([
      "error",
      "aborted",
      "aborted",
      "ok",
    ]);
    const going = [await client.submit(failing, { stop_on_error: false }), await client.submit("1")];
    const cells = await Promise.all(going.map((id) => client.finished(id)));
    expect(cells.map(({ content }) => content.status)).toEqual(["error", "ok"]);
  });
});

describe("streams", () => {
  test("deliver 10,000 lines in order, in few messages", async () => {
    const { stdout, outputs } = await client.execute("for (let i = 0; i < 10_000; i++) console.log(i)");
    expect(stdout).toBe(Array.from({ length: 10_000 }, (_, i) => `${i}\n`).join(""));
    expect(outputs.length).toBeLessThan(500);
  });

  test("keep the order of stdout, stderr and displays", async () => {
    const { outputs } = await client.execute(`
      const host = (globalThis as any)[Symbol.for("Jupyter.host")];
      for (let i = 0; i < 3; i++) { console.log(i); host.display({ "text/plain": "shown" }, {}, {}); process.stderr.write("e"); }
      process.stdout.write("last", () => {}); undefined`);
    const seen = outputs.slice(1).map(({ type, content }) => content.text ?? type);
    expect(seen).toEqual(["0\n", "display_data", "e", "1\n", "display_data", "e", "2\n", "display_data", "e", "last"]);
  });

  test("come while a cell is synchronously busy", async () => {
    const id = await client.submit("console.log('early'); for (const end = Date.now() + 1500; Date.now() < end; );");
    const text = await client.until(({ type, parent }) => type === "stream" && parent.msg_id === id);
    const { reply } = await client.finished(id);
    expect(reply.at - text.at).toBeGreaterThan(500);
  });

  test("put together characters that come in parts, and take any encoding", async () => {
    const { stdout } = await client.execute(`
      for (const byte of Buffer.from("ü€😀")) process.stdout.write(Buffer.from([byte]));
      process.stdout.write("2 µm", "utf8"); process.stdout.write("b2s=", "base64"); undefined`);
    expect(stdout).toBe("ü€😀2 µmok");
  });
});

describe("display", () => {
  test("is sent before the cell ends, also of what takes a while to draw", async () => {
    const { outputs, reply } = await client.execute(`
      const { waitFor, display } = (globalThis as any)[Symbol.for("Jupyter.host")];
      const slow = new Promise((resolve) => setTimeout(resolve, 300));
      waitFor(slow.then(() => display({ "text/plain": "late" }, {}, {}))); undefined`);
    expect(outputs.map(({ type }) => type)).toContain("display_data");
    expect(reply.content.status).toBe("ok");
  });

  test("shows, and updates under an id", async () => {
    const { outputs } = await client.execute(`
      const show = (globalThis as any)[Symbol.for("Jupyter.host")].display;
      show({ "text/plain": "0 %" }, { a: 1 }, { displayId: "progress" });
      show({ "text/plain": "50 %" }, {}, { displayId: "progress", update: true });
      undefined`);
    expect(outputs.slice(1).map(({ type, content }) => ({ type, ...content }))).toEqual([
      {
        type: "display_data",
        data: { "text/plain": "0 %" },
        metadata: { a: 1 },
        transient: { display_id: "progress" },
      },
      {
        type: "update_display_data",
        data: { "text/plain": "50 %" },
        metadata: {},
        transient: { display_id: "progress" },
      },
    ]);
  });
});

test("a cell's working directory is the kernel's", async () => {
  expect((await client.execute("process.cwd()")).result["text/plain"]).toMatch(/notebooks'$/);
});
