// What a person sees when a cell fails, or something that it has set going.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client } from "./client";

let client: Client;
beforeAll(async () => {
  client = await Client.start();
});
afterAll(() => client.stop());

// biome-ignore lint/suspicious/noControlCharactersInRegex: ANSI colours
const plain = (traceback: string[]) => traceback.join("\n").replace(/\u001b\[\d+m/g, "");
/** The traceback of a cell that fails, its own label written as `In[n]`. */
const traceback = async (code: string) => {
  const { content } = await client.execute(code);
  return plain(content.traceback).replaceAll(`In[${content.execution_count}]`, "In[n]");
};

describe("an error of a cell", () => {
  test("has name, message, and a traceback in the cell's own lines without the machinery", async () => {
    const code =
      "interface Gone { x: number }\n\nfunction fail(x: number): never {\n  throw new RangeError('bad');\n}\nfail(3)";
    const { content, outputs } = await client.execute(code);
    expect(content).toMatchObject({ status: "error", ename: "RangeError", evalue: "bad" });
    const label = `In[${content.execution_count}]`;
    expect(plain(content.traceback).split("\n")).toEqual([
      "RangeError: bad",
      `    at fail (${label}:4:9)`,
      `    at ${label}:6:1`,
      "",
      `${label}, line 4`,
      "4   throw new RangeError('bad');",
      "          ^",
    ]);
    expect(content.traceback.join("")).toContain("\u001b[31m");
    const [error] = outputs.filter(({ type }) => type === "error");
    const { ename, evalue, traceback } = content;
    expect(error!.content).toEqual({ ename, evalue, traceback });
  });

  test("has nothing before its name when it comes out of a library", async () => {
    const { content } = await client.execute("JSON.parse('{')");
    expect(plain(content.traceback)).toMatch(/^SyntaxError: /);
    const library = await client.execute("import { readFileSync } from 'node:fs'; readFileSync('/no/such')");
    expect(plain(library.content.traceback)).toMatch(/^Error: ENOENT/);
  });

  test("names the lines of other cells, and those after an await", async () => {
    const { content: defined } = await client.execute("\n\nfunction thrower() {\n  (null as any).x;\n}");
    const { content } = await client.execute("await 0;\n\nthrower()");
    expect(plain(content.traceback)).toContain(`at thrower (In[${defined.execution_count}]:4:`);
    expect(plain(content.traceback)).toContain(`at In[${content.execution_count}]:3:1`);
  });

  test("names the lines of a for await loop", async () => {
    const code = "const until: number = 3;\nfor await (const n of [1, 2, 3, 5]) {\n\n  if (n > until) null!.x;\n}";
    const { content } = await client.execute(code.replace("null!", "(null as any)"));
    expect(plain(content.traceback)).toContain(`at In[${content.execution_count}]:4:`);
    expect(plain(content.traceback)).toContain("4   if (n > until)");
  });

  test("of the compiler shows the cell's line, column and code", async () => {
    const { content } = await client.execute('const fine = 1;\nconst wrong: number = "text";\nalso(fine)');
    expect(content).toMatchObject({
      ename: "TypeScriptError",
      evalue: "Type 'string' is not assignable to type 'number'.",
    });
    const text = plain(content.traceback);
    const label = `In[${content.execution_count}]`;
    expect(text).toContain(`${label}:2:7 - error TS2322: Type 'string' is not assignable to type 'number'.`);
    expect(text).toContain('2 const wrong: number = "text";\n        ~~~~~');
    expect(text).toContain(`${label}:3:1 - error TS2304: Cannot find name 'also'.`);
  });

  test("shows its cause, and each error of several", async () => {
    expect(
      (await traceback('throw new Error("outer", { cause: new TypeError("inner") })')).split("\n").slice(0, 5),
    ).toEqual(["Error: outer", "    at In[n]:1:7 {", "  [cause]: TypeError: inner", "      at In[n]:1:35", "}"]);
    const several = await traceback('throw new AggregateError([new Error("a"), new RangeError("b")], "both")');
    for (const line of ["AggregateError: both", "Error: a", "RangeError: b", "at In[n]:1:27,", "at In[n]:1:43"]) {
      expect(several).toContain(line);
    }
    expect(await traceback('await Promise.any([Promise.reject(new Error("one"))])')).toMatch(/one[\s\S]*\^$/);
  });

  test("follows awaits through functions, and shows nothing of Node's inside", async () => {
    const code =
      "async function inner() { await 0; throw new Error('deep') }\nasync function outer() {\n  await inner();\n}\n";
    expect((await traceback(`${code}await Promise.all([outer()])`)).split("\n")).toEqual([
      "Error: deep",
      "    at inner (In[n]:1:41)",
      "    at async outer (In[n]:3:3)",
      "    at async Promise.all (index 0)",
      "    at async In[n]:5:1",
      "",
      "In[n], line 1",
      "1 async function inner() { await 0; throw new Error('deep') }",
      `  ${" ".repeat(40)}^`,
    ]);
  });

  test("of an endless recursion is short", async () => {
    expect(await traceback("function f(): void { f() }; f()")).toMatch(
      /at f \(In\[n\]:1:22\)\n.*the same 49 times more/,
    );
  });

  test("may be frozen", async () => {
    expect(await traceback("throw Object.freeze(new Error('cold'))")).toMatch(/^Error: cold\n {4}at In\[n\]:1:21/);
  });

  test("of the compiler is underlined over its lines, with its explanation, in any script", async () => {
    const code =
      "let r: { a: (x: number) => string } = { a: (x) => (x ? 'b' : 3) }\nconst 日本: number = '😀';\nparseInt({\n  a: 1,\n})";
    expect(await traceback(code)).toBe(
      `In[n]:1:51 - error TS2322: Type 'string | number' is not assignable to type 'string'.
1 let r: { a: (x: number) => string } = { a: (x) => (x ? 'b' : 3) }
                                                    ~~~~~~~~~~~~~
  Type 'number' is not assignable to type 'string'.

In[n]:2:7 - error TS2322: Type 'string' is not assignable to type 'number'.
2 const 日本: number = '😀';
        ~~~~

In[n]:3:10 - error TS2345: Argument of type '{ a: number; }' is not assignable to parameter of type 'string'.
3 parseInt({
           ~
4   a: 1,
    ~~~~~
5 })
  ~`,
    );
  });

  test.each([
    ["using file = open()", "const file = ...; try { ... } finally { file[Symbol.dispose]() }"],
    ["export * from 'path'", "import { ... } from ..."],
    ["export const k = class { private a = 3 }", "if need be `: any`"],
  ])("says of %j what to write instead", async (code, advice) => {
    const text = await traceback(code);
    expect(text).toContain(advice);
    expect(text).toContain(`1 ${code}`);
  });

  test("may be any value", async () => {
    for (const [code, evalue] of [
      ["throw 'text'", "'text'"],
      ["throw undefined", "undefined"],
      ["throw null", "null"],
      ["throw { a: 1 }", "{ a: 1 }"],
      ["throw Object.create(null)", "[Object: null prototype] {}"],
    ]) {
      expect((await client.execute(code!)).content).toMatchObject({ status: "error", ename: "Uncaught", evalue });
    }
  });

  test("leaves what the cell had made before it", async () => {
    await client.execute("const made = 13; throw new Error('after')");
    expect((await client.execute("made")).result["text/plain"]).toBe("13");
  });
});

describe("what a cell has set going", () => {
  const slow = "await new Promise((resolve) => setTimeout(resolve, 300))";

  test.each([
    ["a timer", "setTimeout(() => { throw new RangeError('late') }, 50)"],
    ["an interval", "const i = setInterval(() => { clearInterval(i); throw new RangeError('late') }, 50)"],
    [
      "a promise that nobody awaits",
      "(async () => { await new Promise((r) => setTimeout(r, 50)); throw new RangeError('late') })()",
    ],
    ["a tick", "setTimeout(() => process.nextTick(() => { throw new RangeError('late') }), 50)"],
    ["a microtask", "setTimeout(() => queueMicrotask(() => { throw new RangeError('late') }), 50)"],
    ["an immediate", "setTimeout(() => setImmediate(() => { throw new RangeError('late') }), 50)"],
  ])("by %s fails below that cell, also while another one runs", async (_, code) => {
    const { id, content } = await client.execute(`${code};\nundefined`);
    expect((await client.execute(slow)).content.status).toBe("ok");
    const error = await client.until(({ type, parent }) => type === "error" && parent.msg_id === id);
    expect(error.content).toMatchObject({ ename: "RangeError", evalue: "late" });
    expect(plain(error.content.traceback)).toContain(`In[${content.execution_count}]:1:`);
  });

  test("prints below that cell", async () => {
    const { id } = await client.execute("const ticking = setInterval(() => console.log('tick'), 20); undefined");
    const other = await client.execute(`console.log('other'); ${slow}; clearInterval(ticking)`);
    expect(other.stdout).toBe("other\n");
    expect(client.outputs(id).filter(({ type }) => type === "stream").length).toBeGreaterThan(3);
  });

  test("a rejection of any value is shown", async () => {
    const { id } = await client.execute("Promise.reject({ reason: 7 }); undefined");
    const error = await client.until(({ type, parent }) => type === "error" && parent.msg_id === id);
    expect(error.content.evalue).toBe("{ reason: 7 }");
  });
});

describe("process.exit()", () => {
  test.each([
    ["in a cell", "process.exit(3)"],
    ["that the cell catches", "try { process.exit(3) } catch { var caught = true }; 5"],
    ["in a timer, while the cell awaits", "setTimeout(() => process.exit(3), 20); await new Promise(() => {})"],
  ])("%s ends it, and keeps the variables", async (_, code) => {
    await client.execute("const survivor = 17");
    const { content } = await client.execute(code);
    expect(content).toMatchObject({ status: "error", ename: "ProcessExit" });
    expect(content.evalue).toMatch(/^process\.exit\(3\) ends a cell, not the kernel/);
    expect((await client.execute("survivor")).result["text/plain"]).toBe("17");
  });
});
