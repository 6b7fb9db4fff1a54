import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client } from "./client";

let client: Client;
beforeAll(async () => {
  client = await Client.start();
  await client.execute(`
    const host = (globalThis as any)[Symbol.for("Jupyter.host")];
    let closed = 0;
    host.registerTarget("echo", (comm: any, data: any, buffers: Uint8Array[]) => {
      comm.send({ opened: data }, buffers);
      comm.onMessage = (data: any, buffers: Uint8Array[]) => {
        if (data.last) comm.close({ bye: true });
        else comm.send({ echo: data }, buffers.map((bytes) => bytes.map((byte) => 255 - byte)));
      };
      comm.onClose = () => { closed++ };
    });
    host.registerTarget("failing", () => { throw new Error("no") });`);
});
afterAll(() => client.stop());

const of = (comm_id: string, type = "comm_msg") =>
  client.messages.filter((m) => m.type === type && m.content.comm_id === comm_id);
const next = (comm_id: string, type = "comm_msg", nth = 1) =>
  client.until((message) => message === of(comm_id, type)[nth - 1]);

describe("comms from a front end", () => {
  test("carry data and buffers both ways, at once while a cell awaits", async () => {
    const cell = await client.submit("await new Promise((resolve) => { (globalThis as any).go = resolve })");
    const buffers = [new Uint8Array([1, 2, 3]), new Uint8Array(1_000_003).fill(7), new Uint8Array(0)];
    await client.send("comm_open", { comm_id: "a", target_name: "echo", data: { n: 1 } }, { buffers });
    const opened = await next("a");
    expect(opened.content.data).toEqual({ opened: { n: 1 } });
    expect(opened.buffers.map((buffer) => buffer.length)).toEqual([3, 1_000_003, 0]);
    const id = await client.send("comm_msg", { comm_id: "a", data: { n: 2 } }, { buffers });
    const echo = await next("a", "comm_msg", 2);
    expect(echo.content.data).toEqual({ echo: { n: 2 } });
    expect([...echo.buffers[0]!]).toEqual([254, 253, 252]);
    expect(echo.parent.msg_id).toBe(id);
    const info = (await client.ask("comm_info_request", { target_name: "echo" })).content;
    expect(info).toEqual({ status: "ok", comms: { a: { target_name: "echo" } } });
    expect(client.messages.some(({ type, parent }) => type === "execute_reply" && parent.msg_id === cell)).toBe(false);
    await client.ask("interrupt_request", {}, { control: true });
    await client.finished(cell);
  });

  test("close from either side", async () => {
    await client.send("comm_msg", { comm_id: "a", data: { last: true } });
    expect((await next("a", "comm_close")).content.data).toEqual({ bye: true });
    await client.send("comm_open", { comm_id: "b", target_name: "echo", data: {} });
    await client.send("comm_close", { comm_id: "b", data: {} });
    expect((await client.execute("closed")).result["text/plain"]).toBe("1");
    expect((await client.ask("comm_info_request")).content.comms).toEqual({});
  });

  test("are closed for an unknown target, or when the target fails", async () => {
    await client.send("comm_open", { comm_id: "c", target_name: "nobody", data: {} });
    await next("c", "comm_close");
    await client.send("comm_open", { comm_id: "d", target_name: "failing", data: {} });
    await next("d", "comm_close");
    expect((await client.ask("comm_info_request")).content.comms).toEqual({});
  });

  test("to nobody do no harm", async () => {
    await client.send("comm_msg", { comm_id: "never opened", data: {} });
    await client.send("comm_close", { comm_id: "never opened", data: {} });
    expect((await client.execute("1")).content.status).toBe("ok");
  });
});

describe("comms from a cell", () => {
  test("open with data and buffers, and hear the front end", async () => {
    const { outputs } = await client.execute(`
      const heard: any[] = [];
      const comm = host.openComm("widget", { start: 5 }, [new Uint8Array([3, 5, 7])]);
      comm.onMessage = (data: any) => heard.push(data); undefined`);
    const open = outputs.find(({ type }) => type === "comm_open")!;
    expect(open.content).toMatchObject({ target_name: "widget", data: { start: 5 } });
    expect([...open.buffers[0]!]).toEqual([3, 5, 7]);
    await client.send("comm_msg", { comm_id: open.content.comm_id, data: { moved: 11 } });
    expect((await client.execute("heard")).result["text/plain"]).toBe("[ { moved: 11 } ]");
    await client.execute("comm.close()");
    await next(open.content.comm_id, "comm_close");
  });
});
