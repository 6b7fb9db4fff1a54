import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client, pause } from "./client";

let client: Client;
let subshell: string;
const control = { control: true };
beforeAll(async () => {
  client = await Client.start();
  await client.execute(
    "const kept = 41; const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))",
  );
  subshell = (await client.ask("create_subshell_request", {}, control)).content.subshell_id;
});
afterAll(() => client.stop());

describe("a subshell", () => {
  test("is announced, made, listed and deleted", async () => {
    const { supported_features } = (await client.ask("kernel_info_request")).content;
    expect(supported_features).toContain("kernel subshells");
    const { status, subshell_id } = (await client.ask("create_subshell_request", {}, control)).content;
    expect([status, typeof subshell_id]).toEqual(["ok", "string"]);
    const list = async () => (await client.ask("list_subshell_request", {}, control)).content.subshell_id;
    expect(await list()).toEqual([subshell, subshell_id]);
    expect((await client.ask("delete_subshell_request", { subshell_id }, control)).content).toEqual({ status: "ok" });
    expect(await list()).toEqual([subshell]);
    expect((await client.ask("delete_subshell_request", { subshell_id }, control)).content.status).toBe("error");
  });

  test("runs cells beside one that awaits, each with its own outputs, value and end", async () => {
    const slow = await client.submit("console.log('slow'); await sleep(500); console.log('slow again'); 'slow value'");
    await client.until(({ type, parent }) => type === "stream" && parent.msg_id === slow);
    const quick = await client.execute("console.log('quick'); await sleep(10); kept + 1", {}, { subshell });
    expect([quick.stdout, quick.result["text/plain"]]).toEqual(["quick\n", "42"]);
    expect(quick.reply.parent.subshell_id).toBe(subshell);
    const failing = await client.execute("await sleep(10); throw new RangeError('mine')", {}, { subshell });
    expect(failing.content).toMatchObject({ status: "error", ename: "RangeError", evalue: "mine" });
    expect(client.messages.some(({ type, parent }) => type === "execute_reply" && parent.msg_id === slow)).toBe(false);
    const { stdout, result } = await client.finished(slow);
    expect([stdout, result["text/plain"]]).toEqual(["slow\nslow again\n", "'slow value'"]);
  });

  test("gives each of many cells that end at once its own value or error", async () => {
    const begin = Date.now() + 300;
    const cell = (end: string) => `await sleep(${begin} - Date.now()); ${end}`;
    const shells = await Promise.all([1, 2, 3, 5].map(() => client.ask("create_subshell_request", {}, control)));
    const ids = shells.map(({ content }) => content.subshell_id as string);
    const ends = await Promise.all(
      ids.map((id, index) =>
        client.execute(cell(index % 2 ? `throw new Error('${index}')` : `${index}`), {}, { subshell: id }),
      ),
    );
    expect(ends.map(({ content, result }) => content.evalue ?? result["text/plain"])).toEqual(["0", "1", "2", "3"]);
    for (const subshell_id of ids) await client.ask("delete_subshell_request", { subshell_id }, control);
  });

  test("has its own queue: an error sends away what waits in it, and nothing elsewhere", async () => {
    const main = [await client.submit("await sleep(300)"), await client.submit("'main'")];
    const own = [
      await client.submit("await sleep(100); throw new Error('stop')", {}, { subshell }),
      await client.submit("1", {}, { subshell }),
    ];
    const statuses = await Promise.all([...main, ...own].map(async (id) => (await client.finished(id)).content.status));
    expect(statuses).toEqual(["ok", "ok", "error", "aborted"]);
  });

  test("is interrupted together with the main shell", async () => {
    const ids = [
      await client.submit("await new Promise(() => {})"),
      await client.submit("await new Promise(() => {})", {}, { subshell }),
    ];
    await pause(200);
    await client.ask("interrupt_request", {}, control);
    const names = await Promise.all(ids.map(async (id) => (await client.finished(id)).content.ename));
    expect(names).toEqual(["KeyboardInterrupt", "KeyboardInterrupt"]);
    expect((await client.execute("kept")).result["text/plain"]).toBe("41");
  });

  test("takes comm messages and questions about code while the main shell awaits", async () => {
    await client.execute(
      `(globalThis as any)[Symbol.for("Jupyter.host")].registerTarget("echo", (comm: any, data: any) => comm.send(data))`,
    );
    const slow = await client.submit("await sleep(400)");
    await client.send("comm_open", { comm_id: "s", target_name: "echo", data: { n: 1 } }, { subshell });
    await client.until(({ type, content }) => type === "comm_msg" && content.comm_id === "s");
    const completion = await client.ask("complete_request", { code: "kep", cursor_pos: 3 }, { subshell });
    expect(completion.content.matches).toEqual(["kept"]);
    expect(client.messages.some(({ type, parent }) => type === "execute_reply" && parent.msg_id === slow)).toBe(false);
    await client.finished(slow);
  });

  test("that is not there takes no messages", async () => {
    const before = client.stderr.length;
    await client.send("execute_request", { code: "1" }, { subshell: "nowhere" });
    while (client.stderr.length === before) await pause(5);
    expect(client.stderr.slice(before)).toContain("there is no subshell nowhere");
  });
});

test("questions about code are answered with nothing yet while a cell computes, and again afterwards", async () => {
  const id = await client.submit("for (const end = Date.now() + 1500; Date.now() < end; );");
  await client.until(({ type, parent }) => type === "execute_input" && parent.msg_id === id);
  await pause(50);
  const ask = async (type: string, content: object) => (await client.ask(type, content)).content;
  expect(await ask("complete_request", { code: "kep", cursor_pos: 3 })).toMatchObject({ status: "ok", matches: [] });
  expect(await ask("inspect_request", { code: "kept", cursor_pos: 3 })).toMatchObject({ status: "ok", found: false });
  expect(await ask("is_complete_request", { code: "kept" })).toEqual({ status: "unknown" });
  expect(client.messages.some(({ type, parent }) => type === "execute_reply" && parent.msg_id === id)).toBe(false);
  await client.finished(id);
  await client.execute("1");
  expect((await ask("complete_request", { code: "kep", cursor_pos: 3 })).matches).toEqual(["kept"]);
});
