import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { alive, Client, gone, pause } from "./client";

let client: Client;
beforeEach(async () => {
  client = await Client.start();
});
afterEach(() => client.stop());

describe("when the executor dies, the cell is told why", () => {
  test.each([
    ["killed by hand", "process.kill(process.pid, 'SIGKILL')", "killed (SIGKILL)"],
    ["aborted", "process.abort()", "aborted (SIGABRT)"],
    ["crashed", "process.kill(process.pid, 'SIGSEGV')", "crashed in native code (SIGSEGV)"],
    ["ended by another signal", "process.kill(process.pid, 'SIGHUP')", "ended by SIGHUP"],
    ["crashed by reading where nothing is", `require("koffi").decode(16n, "int")`, "crashed in native code (SIGSEGV)"],
  ])("%s", async (_, code, reason) => {
    const before = (await client.execute("1")).content.execution_count;
    const { content, outputs } = await client.execute(`${code}; while (true) {}`);
    expect(content).toMatchObject({ status: "error", ename: "ExecutorDied" });
    expect(content.evalue).toContain(reason);
    expect(outputs.find(({ type }) => type === "error")?.content.evalue).toContain(reason);
    const next = await client.execute("2 + 3");
    expect(next.result["text/plain"]).toBe("5");
    expect(next.content.execution_count).toBe(before + 2); // counts go on, and so does the history
    const { content: found } = await client.ask("history_request", { hist_access_type: "tail", n: 3, output: false });
    expect(found.history.map(([, , input]: string[]) => input).at(-1)).toBe("2 + 3");
  });

  test("out of memory in JavaScript's heap", async () => {
    await client.stop();
    client = await Client.start({ env: { NODE_OPTIONS: "--max-old-space-size=150" } });
    const { content } = await client.execute(
      "const kept: object[] = []; while (true) kept.push(new Array(1000).fill(0.5))",
    );
    expect(content.ename).toBe("ExecutorDied");
    expect(content.evalue).toContain("heap was full");
    expect((await client.execute("2 + 3")).result["text/plain"]).toBe("5");
  });

  test("and what was queued is told as well", async () => {
    const dying = await client.submit("await new Promise((r) => setTimeout(r, 300)); process.abort()");
    const waiting = [await client.submit("'second'"), await client.submit("'third'")];
    expect((await client.finished(dying)).content.ename).toBe("ExecutorDied");
    for (const id of waiting) {
      const { content, outputs } = await client.finished(id);
      expect(content).toMatchObject({ status: "aborted", ename: "ExecutorDied" });
      expect(outputs.find(({ type }) => type === "error")?.content.evalue).toContain("was not run");
    }
    expect((await client.execute("2 + 3")).result["text/plain"]).toBe("5");
  });

  test("and so is who asked for a completion", async () => {
    const dying = await client.submit("process.kill(process.pid, 'SIGKILL'); while (true) {}");
    const { content } = await client.ask("complete_request", { code: "Math.hyp", cursor_pos: 8 });
    expect(content.status).toMatch(/ok|error/);
    await client.finished(dying);
  });
});

test.each([false, true])(
  "a front process that is killed leaves no program of a cell behind (busy: %s)",
  async (busy) => {
    const { result } = await client.execute(`
    import { spawn } from "node:child_process";
    spawn("sleep", ["60"], { stdio: "ignore" }).pid`);
    const program = Number(result["text/plain"]);
    const executor = await client.executor();
    if (busy) {
      const id = await client.submit("console.log('busy'); while (true) {}");
      await client.until(({ type, parent }) => type === "stream" && parent.msg_id === id);
    }
    expect(alive(program)).toBe(true);
    client.kernel.kill("SIGKILL");
    expect(await Promise.all([gone(executor), gone(program)])).toEqual([true, true]);
  },
);

test("an interrupt reaches the program that a cell waits for", async () => {
  const id = await client.submit(`
    import { spawnSync } from "node:child_process";
    console.log("begun");
    spawnSync("sleep", ["60"]); while (true) {}`);
  await client.until(({ type, parent }) => type === "stream" && parent.msg_id === id);
  await pause(100);
  await client.ask("interrupt_request", {}, { control: true });
  expect((await client.finished(id)).content.ename).toBe("KeyboardInterrupt");
  expect((await client.execute("2 + 3")).result["text/plain"]).toBe("5");
});
