import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Subscriber } from "zeromq";
import { Client, type Executed, pause } from "./client";

let client: Client;
let executor: number;
beforeAll(async () => {
  client = await Client.start();
  executor = await client.executor();
});
afterAll(() => client.stop());

const mebibyte = 2 ** 20;
const mostGrowth = 300; // MiB

/** The memory of a process (MiB); 0 where the system does not tell. */
function memory(pid: number, field: "VmRSS" | "VmHWM"): number {
  const path = `/proc/${pid}/status`;
  if (!existsSync(path)) return 0;
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(path, "utf8"))?.[1]) / 1024;
}

/** Runs a cell, and sees to it that neither process grows much meanwhile. */
async function executeInBounds(code: string): Promise<Executed> {
  const processes = [client.kernel.pid!, executor];
  const before = processes.map((pid) => memory(pid, "VmRSS"));
  const executed = await client.finished(await client.submit(code), 60_000);
  for (const [index, pid] of processes.entries()) {
    expect(memory(pid, "VmHWM") - before[index]!, `growth of process ${index}`).toBeLessThan(mostGrowth);
  }
  return executed;
}

/** A plain comparison: of two texts this long a diff would take for ever. */
const same = (one: string, other: string) => `${one.length} characters, equal: ${one === other}`;

describe("a flood arrives complete and in order, and takes little memory:", () => {
  test("a million lines", async () => {
    const { content, stdout } = await executeInBounds("for (let i = 0; i < 1_000_000; i++) console.log('line ' + i)");
    expect(content.status).toBe("ok");
    const lines = Array.from({ length: 1_000_000 }, (_, i) => `line ${i}\n`).join("");
    expect(same(stdout, lines)).toBe(`${lines.length} characters, equal: true`);
  });

  test("lines of a timer", async () => {
    const { stdout } = await executeInBounds(`
      let printed = 0;
      await new Promise<void>((done) => {
        const timer = setInterval(() => {
          for (let i = 0; i < 1000; i++) console.log(printed++);
          if (printed === 50_000) { clearInterval(timer); done(); }
        }, 0);
      })`);
    const lines = Array.from({ length: 50_000 }, (_, i) => `${i}\n`).join("");
    expect(same(stdout, lines)).toBe(`${lines.length} characters, equal: true`);
  });

  test("a hundred megabytes in one write", async () => {
    const { stdout } = await executeInBounds("void process.stdout.write('0123456789'.repeat(10_000_000))");
    const text = "0123456789".repeat(10_000_000);
    expect(same(stdout, text)).toBe("100000000 characters, equal: true");
  });

  test("characters of several bytes, as text and as bytes, none cut in two", async () => {
    const { stdout } = await executeInBounds(`
      const text = 'ab😀é'.repeat(100_001);
      process.stdout.write(text);
      void process.stdout.write(Buffer.from(text))`);
    expect(same(stdout, "ab😀é".repeat(200_002))).toBe(`${5 * 200_002} characters, equal: true`);
  });

  test("what a program writes that the cell starts", async () => {
    const { id } = await executeInBounds(`
      import { spawnSync } from 'node:child_process';
      spawnSync(process.execPath, ['-e', 'for (let i = 0; i < 300_000; i++) console.log(i)'], { stdio: 'inherit' });
      undefined`);
    const lines = Array.from({ length: 300_000 }, (_, i) => `${i}\n`).join("");
    const written = () => streams(id, "stdout");
    await client.until(() => written().length >= lines.length); // by a pipe of its own, which may be later than the reply
    expect(same(written(), lines)).toBe(`${lines.length} characters, equal: true`);
  });
});

const streams = (id: string, name: string) => {
  const found = client.outputs(id).filter(({ type, content }) => type === "stream" && content.name === name);
  return found.map(({ content }) => content.text).join("");
};

test("a cell that floods without end is interrupted at once, also while a front end has stopped taking outputs", async () => {
  const stopped = await stoppedSubscriber();
  try {
    const id = await client.submit("while (true) console.log('x'.repeat(1000))");
    await client.until(({ type, parent }) => type === "stream" && parent.msg_id === id);
    await pause(1000); // it is held up by now
    await client.ask("interrupt_request", {}, { control: true });
    expect((await client.reply(id)).content.ename).toBe("KeyboardInterrupt");
    expect(client.stderr).not.toContain("a front end has taken no outputs"); // which is later than at once
  } finally {
    stopped.close();
  }
});

async function stoppedSubscriber(): Promise<Subscriber> {
  const welcomes = () => client.messages.filter(({ type }) => type === "iopub_welcome").length;
  const before = welcomes();
  const stopped = new Subscriber({ linger: 0, receiveHighWaterMark: 1 });
  stopped.connect(`tcp://127.0.0.1:${client.ports.iopub_port}`);
  stopped.subscribe("");
  await client.until(() => welcomes() > before);
  return stopped;
}

test("a front end that has stopped taking outputs keeps the others from theirs for a while only", async () => {
  const stopped = await stoppedSubscriber();
  try {
    const { stdout } = await executeInBounds(`void process.stdout.write('x'.repeat(${100 * mebibyte}))`);
    expect(stdout.length).toBe(100 * mebibyte);
    expect(client.stderr).toContain("a front end has taken no outputs");
  } finally {
    stopped.close();
  }
});
