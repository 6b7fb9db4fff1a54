import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Client, gone, pause, running } from "./client";

let client: Client;
beforeEach(async () => {
  client = await Client.start();
});
afterEach(() => client.stop());

const busy = "console.log('busy'); while (true) {}";

async function begin(code: string): Promise<void> {
  const id = await client.submit(code);
  await client.until(({ type, parent }) => type === "stream" && parent.msg_id === id);
}

describe("shutdown_request", () => {
  test.each([
    ["control", false, false],
    ["control", true, false],
    ["shell", false, false],
    ["control", false, true],
    ["shell", true, true],
  ])("on %s with restart %s is answered and ends both processes (busy: %s)", async (channel, restart, whileBusy) => {
    const executor = await client.executor();
    if (whileBusy) await begin(busy);
    const exit = once(client.kernel, "exit");
    const { content } = await client.ask("shutdown_request", { restart }, { control: channel === "control" });
    expect(content).toEqual({ status: "ok", restart });
    expect(await exit).toEqual([0, null]);
    expect(await gone(executor)).toBe(true);
  });

  test("before the executor is ready ends both as well", async () => {
    const exit = once(client.kernel, "exit");
    await client.ask("shutdown_request", { restart: false }, { control: true });
    expect(await exit).toEqual([0, null]);
  });

  test("also ends the programs that cells have started", async () => {
    const { result } = await client.execute(
      "import { spawn } from 'node:child_process'; spawn('sleep', ['60'], { stdio: 'ignore' }).pid",
    );
    await client.ask("shutdown_request", { restart: false }, { control: true });
    expect(await gone(Number(result["text/plain"]))).toBe(true);
  });
});

test("a kernel has nothing to say in the server's log, also when it ends after an interrupt", async () => {
  const id = await client.submit(busy);
  await client.until(({ type, parent }) => type === "stream" && parent.msg_id === id);
  await client.ask("interrupt_request", {}, { control: true });
  await client.finished(id);
  const exit = once(client.kernel, "close");
  await client.ask("shutdown_request", { restart: false }, { control: true });
  await exit;
  expect(client.stderr).toBe("");
});

describe("the executor", () => {
  test.each([false, true])("ends when the front process is killed (busy: %s)", async (whileBusy) => {
    const executor = await client.executor();
    if (whileBusy) await begin(busy);
    client.kernel.kill("SIGKILL");
    expect(await gone(executor)).toBe(true);
  });

  test("is replaced when a cell ends it, and the cell is told", async () => {
    const executor = await client.executor();
    const { content, stdout } = await client.execute("console.log('last words'); (process as any).reallyExit(3)");
    expect(stdout).toBe("last words\n");
    expect(content).toMatchObject({ status: "error", ename: "ExecutorDied" });
    expect(content.evalue).toContain("code 3");
    expect(await client.executor()).not.toBe(executor);
    expect(running(client.kernel)).toBe(true);
  });

  test("is replaced when it aborts, with what it said at the end, and its comms are closed", async () => {
    await client.execute("(globalThis as any)[Symbol.for('Jupyter.host')].openComm('widget', {}); undefined");
    const { content } = await client.execute("process.abort()");
    expect(content.evalue).toContain("SIGABRT");
    await client.until(({ type }) => type === "comm_close");
    expect((await client.execute("2 + 3")).result["text/plain"]).toBe("5");
  });

  test("is replaced when it dies between cells", async () => {
    await client.execute("setTimeout(() => (process as any).reallyExit(1), 50); undefined");
    await pause(300);
    expect((await client.execute("2 + 3")).result["text/plain"]).toBe("5");
  });
});

test("SIGTERM ends both processes", async () => {
  const executor = await client.executor();
  const exit = once(client.kernel, "exit");
  client.kernel.kill("SIGTERM");
  expect(await exit).toEqual([0, null]);
  expect(await gone(executor)).toBe(true);
});

test("both processes end when the server that started them is gone", async () => {
  const orphan = await Client.start({ behindParent: true });
  try {
    const { result } = await orphan.execute("[process.pid, process.ppid].join()");
    const [executor, front] = result["text/plain"]!.slice(1, -1).split(",").map(Number);
    orphan.kernel.kill("SIGKILL");
    expect(await Promise.all([gone(executor!), gone(front!)])).toEqual([true, true]);
  } finally {
    await orphan.stop();
  }
});

test("two kernels run beside each other", async () => {
  const other = await Client.start();
  try {
    await Promise.all([client.execute("const who = 'first'"), other.execute("const who = 'second'")]);
    const both = await Promise.all([client.execute("who"), other.execute("who")]);
    expect(both.map(({ result }) => result["text/plain"])).toEqual(["'first'", "'second'"]);
  } finally {
    await other.stop();
  }
});
