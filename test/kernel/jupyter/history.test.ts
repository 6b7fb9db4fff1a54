import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { History } from "bestrq/jupyter/history";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Client } from "./client";

function filled(): History {
  const history = new History();
  ["const a = 3", "a + 1", "a.b()", "a + 1", "print?"].forEach((input, index) => {
    const line = history.add(index + 1, input);
    if (index === 1) history.finish(line, "4");
  });
  return history;
}
const lines = (content: Record<string, unknown>) =>
  filled()
    .reply(content)
    .history.map(([, line]) => line);

describe("History.reply()", () => {
  test("gives the last ones", () => {
    expect(lines({ hist_access_type: "tail", n: 2 })).toEqual([4, 5]);
    expect(lines({ hist_access_type: "tail", n: 99 })).toEqual([1, 2, 3, 4, 5]);
  });

  test("gives a range, its end excluded, of this session only", () => {
    expect(lines({ hist_access_type: "range", session: 0, start: 2, stop: 4 })).toEqual([2, 3]);
    expect(lines({ hist_access_type: "range", session: 1, start: 5 })).toEqual([5]);
    expect(lines({ hist_access_type: "range", session: -1, start: 1, stop: 4 })).toEqual([]);
  });

  test("searches by pattern, the last n, each once if asked", () => {
    expect(lines({ hist_access_type: "search", pattern: "a + *" })).toEqual([2, 4]);
    expect(lines({ hist_access_type: "search", pattern: "a + 1", unique: true })).toEqual([4]);
    expect(lines({ hist_access_type: "search", pattern: "*a*", n: 2 })).toEqual([3, 4]);
    expect(lines({ hist_access_type: "search", pattern: "a?b()" })).toEqual([3]);
  });

  test("adds the outputs if asked", () => {
    const { history } = filled().reply({ hist_access_type: "range", start: 2, stop: 4, output: true });
    expect(history).toEqual([
      [1, 2, ["a + 1", "4"]],
      [1, 3, ["a.b()", null]],
    ]);
  });

  test("gives nothing for an unknown kind of access", () => {
    expect(lines({ hist_access_type: "other" })).toEqual([]);
  });
});

describe("a history in a folder", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bestrq-history-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const session = (...inputs: string[]) => {
    const history = new History(folder);
    for (const [index, input] of inputs.entries()) history.finish(history.add(index + 1, input), `${index}`);
    return history;
  };
  const ask = (history: History, content: object) => history.reply(content as Record<string, unknown>).history;

  test("outlives its sessions: tail and search go through all, range through the one that is asked for", () => {
    session("a", "b");
    session("c");
    const history = session("d", "a");
    expect(ask(history, { hist_access_type: "tail", n: 3 })).toEqual([
      [2, 1, "c"],
      [3, 1, "d"],
      [3, 2, "a"],
    ]);
    expect(ask(history, { hist_access_type: "search", pattern: "a" })).toEqual([
      [1, 1, "a"],
      [3, 2, "a"],
    ]);
    expect(ask(history, { hist_access_type: "search", pattern: "?", unique: true, n: 2 })).toEqual([
      [3, 1, "d"],
      [3, 2, "a"],
    ]);
    const range = (session: number) =>
      ask(history, { hist_access_type: "range", session, start: 1, stop: 9, output: true });
    expect(range(0)).toEqual([
      [3, 1, ["d", "0"]],
      [3, 2, ["a", "1"]],
    ]);
    expect(range(-2)).toEqual([
      [1, 1, ["a", "0"]],
      [1, 2, ["b", "1"]],
    ]);
    expect(range(2)).toEqual([[2, 1, ["c", "0"]]]);
    expect(range(-9)).toEqual([]);
  });

  test("is asked for before anything was run", () => {
    session("a");
    expect(ask(new History(folder), { hist_access_type: "range", session: -1 })).toEqual([[1, 1, "a"]]);
    expect(ask(new History(folder), { hist_access_type: "range", session: 0 })).toEqual([]);
    expect(readdirSync(folder)).toEqual(["1.jsonl"]);
    expect(ask(new History(join(folder, "not/there")), {})).toEqual([]);
  });

  test("is written by several kernels at a time, each with a number of its own", () => {
    const kernels = Array.from({ length: 5 }, () => new History(folder));
    for (const round of [1, 2, 3])
      for (const [index, kernel] of kernels.entries()) kernel.add(round, `${index}:${round}`);
    const all = ask(kernels[0]!, { hist_access_type: "search", pattern: "*:3" });
    expect(all.map(([number]) => number).sort()).toEqual([1, 2, 3, 4, 5]);
    expect(all.map(([, , input]) => input).sort()).toEqual(["0:3", "1:3", "2:3", "3:3", "4:3"]);
  });

  test("bears broken and foreign files", () => {
    session("a", "b", "c");
    truncateSync(join(folder, "1.jsonl"), statSync(join(folder, "1.jsonl")).size - 5); // killed while it wrote
    writeFileSync(
      join(folder, "2.jsonl"),
      'null\n[]\n{"line":"x","input":3}\n\u0000\n{"line":1,"input":"kept"}\n{"line":7,"output":"of nothing"}',
    );
    writeFileSync(join(folder, "notes.txt"), "not ours");
    const { history } = session("d").reply({ hist_access_type: "tail", n: 9 });
    expect(history.map(([, , input]) => input)).toEqual(["a", "b", "c", "kept", "d"]);
  });

  test("stays small: old sessions go, and so does what is too large", () => {
    for (let index = 1; index <= 320; index++)
      writeFileSync(join(folder, `${index}.jsonl`), `{"line":1,"input":"${index}"}\n`);
    session("new", "x".repeat(200_000));
    expect(readdirSync(folder).length).toBe(301);
    expect(statSync(join(folder, "321.jsonl")).size).toBeLessThan(1000);
    appendFileSync(join(folder, "320.jsonl"), "x".repeat(9_000_000));
    session("newer");
    expect(readdirSync(folder).sort()).toEqual(["321.jsonl", "322.jsonl"]);
  });

  test("is for its owner alone, and works in memory where nothing can be written", () => {
    session("a");
    expect(statSync(join(folder, "1.jsonl")).mode & 0o077).toBe(0);
    const file = join(folder, "a file");
    writeFileSync(file, "");
    const history = new History(file);
    history.add(1, "kept");
    expect(ask(history, {})).toEqual([[1, 1, "kept"]]);
  });

  test("finds a pattern of many stars as fast as any", () => {
    const history = new History();
    history.add(1, "a".repeat(5000));
    expect(ask(history, { hist_access_type: "search", pattern: `${"*a".repeat(30)}*b` })).toEqual([]);
  });
});

test("a kernel finds the history of the one before it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bestrq-history-"));
  const env = { BESTRQ_HISTORY: folder };
  try {
    const first = await Client.start({ env });
    await first.execute("6 * 7");
    await first.execute("secret()", { store_history: false });
    await first.stop();
    const second = await Client.start({ env });
    await second.execute("1");
    const { content } = await second.ask("history_request", {
      hist_access_type: "tail",
      n: 10,
      output: true,
      raw: true,
    });
    await second.stop();
    expect(content.history).toEqual([
      [1, 1, ["6 * 7", "42"]],
      [2, 1, ["1", "1"]],
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
