import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Random } from "bestrq/tensor/random";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client, pause } from "./client";

let client: Client;
beforeAll(async () => {
  client = await Client.start();
  await client.execute("const kept = 41");
});
afterAll(() => client.stop());

const endless = {
  "a loop": "while (true) {}",
  "a promise that never settles": "await new Promise(() => {})",
  "a loop after an await": "await new Promise((resolve) => setTimeout(resolve, 5)); while (true) {}",
  "a loop of microtasks": "while (true) await 0",
  "a loop of process.nextTick": "const again = () => process.nextTick(again); again(); await new Promise(() => {})",
  "a loop of process.nextTick that is cut off behind its call for the next":
    "const after = () => { process.nextTick(after); for (const end = Date.now() + 5; Date.now() < end; ); }; after(); await new Promise(() => {})",
  "a loop of queueMicrotask that is cut off behind its call for the next":
    "const soon = () => { queueMicrotask(soon); for (const end = Date.now() + 5; Date.now() < end; ); }; soon(); await new Promise(() => {})",
  "a loop of a timer": "setTimeout(() => { while (true) {} }, 5); await new Promise(() => {})",
  "a loop of promises that nobody awaits":
    "const anew = (): unknown => Promise.resolve().then(anew); anew(); await new Promise(() => {})",
  "a loop of timers that are each busy": `
    const busy = () => { for (const end = Date.now() + 150; Date.now() < end; ); };
    while (true) { busy(); await new Promise((resolve) => setTimeout(resolve)) }`,
  "a loop that catches everything": "while (true) { try { while (true) {} } catch {} }",
  "a loop that prints": "while (true) console.log('again')",
  "a loop that prints large texts": "while (true) console.log('again'.repeat(100_000))",
  "Atomics.wait": "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
  "a loop of WebAssembly": `
    const endless = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 9, 1, 7, 0, 3, 64, 12, 0, 11, 11]);
    const wasm = (globalThis as any).WebAssembly;
    new wasm.Instance(new wasm.Module(endless)).exports.f();`,
};

describe("interrupt_request", () => {
  test.each(Object.entries(endless))("ends %s, and the variables are kept", async (_, code) => {
    const id = await client.submit(code);
    await client.until(({ type, parent }) => type === "execute_input" && parent.msg_id === id);
    await pause(300);
    const reply = await client.ask("interrupt_request", {}, { control: true });
    expect(reply.content).toEqual({ status: "ok" });
    const { content, outputs } = await client.finished(id);
    expect(content).toMatchObject({ status: "error", ename: "KeyboardInterrupt" });
    expect(outputs.filter(({ type }) => type === "error")).toHaveLength(1);
    expect((await client.execute("kept + 1")).result).toEqual({ "text/plain": "42" });
  });

  test("stops what an awaiting cell would have done next", async () => {
    const id = await client.submit(
      "let steps = 0; while (true) { await new Promise((r) => setTimeout(r, 20)); steps++ }",
    );
    await pause(300);
    await client.ask("interrupt_request", {}, { control: true });
    await client.finished(id);
    const before = await client.execute("steps");
    expect(Number(before.result["text/plain"])).toBeGreaterThan(0);
    await pause(200);
    expect((await client.execute("steps")).result).toEqual(before.result);
  });

  test("leaves what other cells have started alone", async () => {
    await client.execute("let ticks = 0; const ticking = setInterval(() => ticks++, 10)");
    const id = await client.submit("await new Promise(() => {})");
    await pause(200);
    await client.ask("interrupt_request", {}, { control: true });
    await client.finished(id);
    const before = Number((await client.execute("ticks")).result["text/plain"]);
    await pause(200);
    expect(Number((await client.execute("clearInterval(ticking); ticks")).result["text/plain"])).toBeGreaterThan(
      before,
    );
  });

  test.each([
    ["a loop", "setTimeout(() => { while (true) {} }, 20)"],
    [
      "a loop of process.nextTick",
      "const left = () => { process.nextTick(left); for (const end = Date.now() + 5; Date.now() < end; ); }; setTimeout(left, 20)",
    ],
  ])("ends %s that a cell has left behind, and what comes is answered", async (_, code) => {
    await client.execute(`${code}; 0`);
    await pause(200);
    const waiting = await client.submit("kept + 2");
    await pause(100);
    await client.ask("interrupt_request", {}, { control: true });
    await client.finished(waiting); // or it was sent away
    expect((await client.execute("kept + 1")).result).toEqual({ "text/plain": "42" });
  });

  test("does nothing while no cell runs", async () => {
    await client.ask("interrupt_request", {}, { control: true });
    await pause(200);
    expect((await client.execute("kept")).result).toEqual({ "text/plain": "41" });
  });

  test("sends away the cells that wait", async () => {
    const [first, second] = [await client.submit("while (true) {}"), await client.submit("'second'")];
    await pause(200);
    await client.ask("interrupt_request", {}, { control: true });
    expect((await client.finished(first)).content.status).toBe("error");
    expect((await client.finished(second)).content.status).toBe("aborted");
  });

  test("stops a for await loop: its generator stops as well, and runs its finally", async () => {
    await client.execute(`
      let [given, taken, cleaned] = [0, 0, false];
      async function* numbers() {
        try { while (true) { await new Promise((r) => setTimeout(r, 20)); yield given++; } } finally { cleaned = true; }
      }`);
    const id = await client.submit("for await (const n of numbers()) taken = n;");
    await pause(300);
    await client.ask("interrupt_request", {}, { control: true });
    expect((await client.finished(id)).content.ename).toBe("KeyboardInterrupt");
    await client.execute("while (!cleaned) await new Promise((r) => setTimeout(r, 20));");
    const before = await client.execute("[given, taken]");
    expect(before.result["text/plain"]).toMatch(/^\[ [1-9]/);
    await pause(100);
    expect((await client.execute("[given, taken]")).result).toEqual(before.result);
  });

  test("waits for a module that loads, so that none stays half loaded", async () => {
    const folder = mkdtempSync(join(tmpdir(), "bestrq-modules-"));
    const file = join(folder, "slow.js");
    writeFileSync(
      file,
      "console.log('loading'); for (const end = Date.now() + 700; Date.now() < end; ); exports.whole = true;",
    );
    try {
      const load = `require(${JSON.stringify(file)}).whole`;
      const id = await client.submit(`${load}; while (true) {}`);
      await client.until(({ type, parent }) => type === "stream" && parent.msg_id === id);
      await client.ask("interrupt_request", {}, { control: true });
      expect((await client.finished(id)).content.ename).toBe("KeyboardInterrupt");
      expect((await client.execute(load)).result).toEqual({ "text/plain": "true" });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("can be seen coming by a library that wants to stop in good order", async () => {
    const id = await client.submit(`
      const host = (globalThis as any)[Symbol.for("Jupyter.host")];
      let tidied = false;
      try { while (!host.interruptRequested()) {} } finally { tidied = true }`);
    await pause(300);
    await client.ask("interrupt_request", {}, { control: true });
    await client.finished(id);
    expect((await client.execute("tidied")).result).toEqual({ "text/plain": "true" });
  });
});

test("waits for what stops in good order, unless it is asked for twice", async () => {
  const id = await client.submit(`
    const ended = (globalThis as any)[Symbol.for("Jupyter.host")].orderly();
    const began = Date.now();
    while (Date.now() < began + 1000) {} // ten times its patience
    const whole = Date.now() - began;
    await new Promise((resolve) => setTimeout(resolve));
    const more = "not run";`);
  await client.until(({ type, parent }) => type === "execute_input" && parent.msg_id === id);
  await pause(100);
  await client.ask("interrupt_request", {}, { control: true });
  expect((await client.finished(id)).content).toMatchObject({ status: "error", ename: "KeyboardInterrupt" });
  expect((await client.execute("whole >= 1000 && more === undefined")).result).toEqual({ "text/plain": "true" });

  const stuck = await client.submit("while (true) {}"); // what was orderly is not ended yet
  await client.until(({ type, parent }) => type === "execute_input" && parent.msg_id === stuck);
  let isOver = false;
  const over = client.finished(stuck).then((end) => {
    isOver = true;
    return end;
  });
  await client.ask("interrupt_request", {}, { control: true });
  await pause(800);
  expect(isOver).toBe(false);
  await client.ask("interrupt_request", {}, { control: true });
  expect((await over).content.ename).toBe("KeyboardInterrupt");
  expect((await client.execute("ended(); kept + 1")).result).toEqual({ "text/plain": "42" });
  const later = await client.submit("while (true) {}"); // what was terminated is not waited for any more
  await client.until(({ type, parent }) => type === "execute_input" && parent.msg_id === later);
  await client.ask("interrupt_request", {}, { control: true });
  expect((await client.finished(later)).content.ename).toBe("KeyboardInterrupt");
});

test("SIGINT interrupts as well", async () => {
  const id = await client.submit("while (true) {}");
  await pause(200);
  client.kernel.kill("SIGINT");
  expect((await client.finished(id)).content.ename).toBe("KeyboardInterrupt");
});

test.each([
  ["a loop", "while (true) {}"],
  ["WebAssembly", endless["a loop of WebAssembly"]],
  ["native code", "require('node:crypto').pbkdf2Sync('a', 'b', 1_500_000, 64, 'sha512'); while (true) {}"],
  ["a flood", "while (true) console.log('x'.repeat(100))"],
])("the front process answers while %s is busy: heartbeat, kernel_info on control and on shell", async (_, code) => {
  const id = await client.submit(code);
  await client.until(({ type, parent }) => type === "execute_input" && parent.msg_id === id);
  await pause(100);
  for (let i = 0; i < 10; i++) {
    expect(await client.beats()).toBe(true);
    expect((await client.ask("kernel_info_request", {}, { control: true })).content.status).toBe("ok");
    expect((await client.ask("kernel_info_request")).content.status).toBe("ok");
  }
  await client.ask("interrupt_request", {}, { control: true });
  const { reply } = await client.finished(id);
  expect(reply.content.ename).toBe("KeyboardInterrupt"); // that is, it was busy until then
});

test("at whatever moment tensor work is interrupted, the executor and its tensors live on", async () => {
  const seed = Number(process.env.INTERRUPT_SEED ?? Date.now() % 1_000_000);
  console.log(`INTERRUPT_SEED=${seed}`);
  const random = new Random(seed);
  await client.execute(`
    import { backend, profile, tf } from "bestrq";
    await backend.use("wasm");
    const a: any = tf.randomNormal([131, 131]);`);
  const work = [
    "for (;;) tf.tidy(() => tf.matMul(a, a).dataSync())",
    "for (;;) tf.tidy(() => tf.grad((x: any) => tf.sum(tf.relu(tf.matMul(x, a))))(a).dataSync())",
    "for (;;) await profile.memory(() => tf.tidy(() => tf.sum(tf.matMul(a, a))))",
    "for (;;) { try { tf.tidy(() => tf.matMul(a, a)) } catch {} }",
    "await new Promise(() => setInterval(() => tf.tidy(() => tf.matMul(a, a).dataSync()), 0).unref())",
  ];
  for (let round = 0; round < 12; round++) {
    const code = work[random.integer(work.length)]!;
    const id = await client.submit(code);
    await client.until(({ type, parent }) => type === "execute_input" && parent.msg_id === id);
    await pause(random.integer(150));
    await client.ask("interrupt_request", {}, { control: true });
    expect((await client.finished(id)).content.ename, code).toBe("KeyboardInterrupt");
    const check = await client.execute("tf.tidy(() => tf.sum(tf.abs(tf.matMul(a, a))).dataSync()[0]! > 0)");
    expect(check.result, `${code}: ${check.content.evalue}`).toEqual({ "text/plain": "true" });
  }
});

test("an interrupt that comes while the executor starts waits for that, and ends the cell then", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bestrq-slow-"));
  const slow = join(folder, "slow.cjs");
  const seconds = 3; // more than what an interrupt gives a process without a cell
  writeFileSync(
    slow,
    `const { cwd } = process;
     process.cwd = () => {
       if (!/executor.main\\.js/.test(new Error().stack)) return cwd();
       process.cwd = cwd;
       for (const end = Date.now() + ${1000 * seconds}; Date.now() < end; );
       return cwd();
     };`,
  );
  const starting = await Client.start({ env: { NODE_OPTIONS: `--require=${slow}` } });
  try {
    const id = await starting.submit("while (true) {}");
    await pause(1000);
    await starting.ask("interrupt_request", {}, { control: true });
    expect((await starting.finished(id)).content.ename).toBe("KeyboardInterrupt");
    expect((await starting.execute("6 * 7")).result).toEqual({ "text/plain": "42" });
  } finally {
    await starting.stop();
    rmSync(folder, { recursive: true });
  }
});
