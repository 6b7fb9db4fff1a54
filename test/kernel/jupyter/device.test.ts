import { tableFromIPC } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildStub, type Stub, twoCards } from "../device/stub";
import { Client, type Message, pause } from "./client";
import { holdings } from "./soak";

let stub: Stub;
let client: Client;
beforeAll(async () => {
  stub = await buildStub();
  stub.answer(twoCards(0));
  client = await Client.start({ env: { LD_LIBRARY_PATH: stub.folder, NVIDIA_STUB: stub.script } });
});
afterAll(async () => {
  await client.stop();
  stub.remove();
});

interface Row {
  time_ms: number;
  series: string;
  value: number;
}
interface Cell {
  msg_id: string;
  start_ms: number;
  end_ms?: number;
}

const of = (comm_id: string, type = "comm_msg") =>
  client.messages.filter((m) => m.type === type && m.content.comm_id === comm_id);
const rows = ({ buffers }: Message) =>
  buffers.flatMap((buffer) => [...tableFromIPC(buffer)].map((row) => row.toJSON() as Row));
/** Waits for the next message of a comm that satisfies. */
const next = (comm_id: string, accept: (message: Message) => boolean) => {
  const from = client.messages.length;
  return client.until((m) => m.content.comm_id === comm_id && client.messages.indexOf(m) >= from && accept(m));
};
const sampled = (comm_id: string, series: string) => next(comm_id, (m) => rows(m).some((row) => row.series === series));
const open = (comm_id: string, interval_ms: unknown = 50) =>
  client.send("comm_open", { comm_id, target_name: "bestrq.device", data: { interval_ms } });
const close = (comm_id: string) => client.send("comm_close", { comm_id, data: {} });
const cells = (comm_id: string): Cell[] => of(comm_id).flatMap(({ content }) => content.data.cell ?? []);
const notes = (comm_id: string): string[] => of(comm_id).flatMap(({ content }) => content.data.notes ?? []);
const started = (id: string) => client.until(({ type, parent }) => type === "execute_input" && parent.msg_id === id);

describe("the comm target bestrq.device", () => {
  test("describes its series, then sends samples", async () => {
    await open("a");
    await sampled("a", "gpu1.mig2.used");
    const [first] = of("a");
    expect(first!.content.data).toEqual({ series: expect.any(Array), notes: expect.any(Array) });
    const { series } = of("a").findLast(({ content }) => content.data.series)!.content.data;
    for (const one of series) {
      expect(one).toMatchObject({ unit: "bytes", label: expect.any(String), what: expect.any(String) });
      expect(["device", "process", "tensorflow", "webgpu", "wasm"]).toContain(one.group);
    }
    const names = series.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(["process.rss", "gpu0.used", "gpu0.process", "gpu1.mig0.used"]));
    for (const { series } of of("a").flatMap(rows)) expect(names).toContain(series);
  });

  test("sends samples while a cell blocks the main thread, and marks the cell", async () => {
    const id = await client.submit("for (const end = Date.now() + 1500; Date.now() < end; );");
    const { reply } = await client.finished(id);
    const ended = (m: Message) => m.content.data?.cell?.msg_id === id && m.content.data.cell.end_ms !== undefined;
    const { cell } = (await client.until(ended)).content.data;
    expect(cell.end_ms - cell.start_ms).toBeGreaterThan(1400);
    expect(
      cells("a")
        .filter(({ msg_id }) => msg_id === id)
        .map(({ end_ms }) => end_ms),
    ).toEqual([undefined, cell.end_ms]);
    const came = of("a").filter(({ at }) => at < reply.at);
    const during = came.flatMap(rows).filter(({ time_ms }) => time_ms > cell.start_ms);
    for (const name of ["process.rss", "gpu0.used"]) {
      expect(during.filter(({ series }) => series === name).length).toBeGreaterThan(3); // of some thirty
    }
  });

  test("samples of an interrupted cell go on, and the interrupt is not held up by a driver that hangs", async () => {
    stub.answer({ ...twoCards(0), "gpu0.hang": 1 });
    const id = await client.submit("while (true) {}");
    await started(id);
    await pause(300);
    await client.ask("interrupt_request", {}, { control: true });
    const { content } = await client.finished(id);
    expect(content).toMatchObject({ status: "error", ename: "KeyboardInterrupt" });
    await sampled("a", "process.rss");
    stub.answer(twoCards(0)); // only now does the driver answer
    await sampled("a", "gpu0.used");
  });

  test("tells once of a card that vanishes while a cell runs, and the cell is not stopped", async () => {
    const cell = await client.submit("for (const end = Date.now() + 800; Date.now() < end; ); 'whole'");
    await started(cell);
    stub.answer({ ...twoCards(0), "gpu1.status": 15 });
    expect((await client.finished(cell)).result).toEqual({ "text/plain": "'whole'" });
    await client.until(() => notes("a").some((note) => note.startsWith("GPU 1 (NVIDIA A100-SXM4-80GB) is gone")));
    stub.answer(twoCards(0));
    await sampled("a", "gpu0.used");
    const latest = of("a").findLast(({ content }) => content.data.notes)!.content.data.notes as string[];
    expect(latest.filter((note) => note.startsWith("GPU 1 (NVIDIA A100-SXM4-80GB) is gone"))).toHaveLength(1);
  });

  test("shows who comes later the past: values, and cells with their ends", async () => {
    const past = cells("a").at(-1)!;
    await open("b", 1000);
    await client.until(() => cells("b").some(({ msg_id }) => msg_id === past.msg_id));
    await client.until(() => of("b").some((m) => rows(m).some(({ time_ms }) => time_ms < past.start_ms)));
    expect(cells("b").find(({ msg_id }) => msg_id === past.msg_id)!.end_ms).toBe(past.end_ms);
    await close("b");
  });

  test("counts as open, and closes without a trace", async () => {
    const info = async () => (await client.ask("comm_info_request", { target_name: "bestrq.device" })).content.comms;
    expect(await info()).toEqual({ a: { target_name: "bestrq.device" } });
    await close("a");
    expect(await info()).toEqual({});
    await client.execute("1");
    await pause(200); // what was on its way
    const { length } = of("a");
    await pause(300);
    expect(of("a")).toHaveLength(length);
  });

  test("200 panels that come and go leave nothing open", async () => {
    await open("warm");
    await sampled("warm", "process.rss");
    await close("warm");
    const before = holdings(client);
    for (let i = 0; i < 200; i++) {
      await open(`p${i}`, [50, 0, -1, "soon", null, 1e9][i % 6]);
      if (i % 3 === 0) await client.send("comm_msg", { comm_id: `p${i}`, data: { interval_ms: 70 } });
      if (i % 50 === 0) await sampled(`p${i}`, "process.rss");
      await close(`p${i}`);
    }
    await client.execute("1");
    const after = holdings(client);
    expect([after.handles, after.processes]).toEqual([before.handles, before.processes]);
    expect((await client.ask("comm_info_request")).content.comms).toEqual({});
  });

  test("goes on with the next executor when one has died", async () => {
    await open("c");
    await sampled("c", "process.rss");
    const id = await client.submit("process.kill(process.pid, 'SIGKILL'); await new Promise(() => {})");
    expect((await client.finished(id)).content.ename).toBe("ExecutorDied");
    await sampled("c", "process.rss");
    expect(of("c", "comm_close")).toEqual([]);
    await close("c");
  });
});

describe("profile.device() in a cell", () => {
  test("asks the watchdog thread, which goes on while the body computes", async () => {
    await client.execute('import { backend, profile } from "bestrq"; await backend.use("wasm")');
    const { result } = await client.execute(`
      const recorded = await profile.device(() => { for (const end = Date.now() + 500; Date.now() < end; ); return 7 });
      const rss = recorded.series.find(({ name }) => name === "process.rss")!;
      [recorded.result, rss.values.length > 3, ...recorded.series.map(({ name }) => name)].join()`);
    expect(result!["text/plain"]).toMatch(/^'7,true,process.rss,.*gpu0.used,.*wasm.heap'$/);
  });

  test("is interrupted before the body begins, or in it, and the body does not come after", async () => {
    await client.execute("let ran = 0; const outer = await profile.device()");
    for (const wait of [0, 30, 60, 300]) {
      const id = await client.submit("await profile.device(() => { ran++; while (true) {} })");
      await started(id);
      await pause(wait);
      await client.ask("interrupt_request", {}, { control: true });
      expect((await client.finished(id)).content.ename).toBe("KeyboardInterrupt");
      const before = await client.execute("ran");
      await pause(100);
      expect((await client.execute("ran")).result).toEqual(before.result);
    }
    expect((await client.execute("(await profile.device(() => 11)).result")).result).toEqual({ "text/plain": "11" });
    const { result } = await client.execute("(await outer.stop()).peak['process.rss'] > 0"); // that one goes on
    expect(result).toEqual({ "text/plain": "true" });
  });
});
