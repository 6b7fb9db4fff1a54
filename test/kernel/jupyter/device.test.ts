import { tableFromIPC } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client, type Message } from "./client";

let client: Client;
beforeAll(async () => {
  client = await Client.start();
});
afterAll(() => client.stop());

const busy = (seconds: number) => `for (const end = Date.now() + ${seconds * 1000}; Date.now() < end; );`;
const of = (comm_id: string) => client.messages.filter((m) => m.type === "comm_msg" && m.content.comm_id === comm_id);
const rows = (message: Message) =>
  message.buffers.flatMap((buffer) =>
    [...tableFromIPC(buffer)].map((row) => row.toJSON() as { time_ms: number; series: string; value: number }),
  );
const open = (comm_id: string, interval_ms = 50) =>
  client.send("comm_open", { comm_id, target_name: "bestrq.device", data: { interval_ms } });
const close = (comm_id: string) => client.send("comm_close", { comm_id, data: {} });

describe("the comm target bestrq.device", () => {
  test("sends samples while a cell blocks the main thread", async () => {
    await open("a");
    await client.until((message) => message === of("a").find((m) => rows(m).length > 0));
    expect(of("a")[0]!.content.data).toEqual({ series: expect.any(Array), notes: expect.any(Array) });
    const id = await client.submit(busy(1.5));
    const { reply } = await client.finished(id);
    const ended = (m: Message) =>
      m.type === "comm_msg" && m.content.data.cell?.msg_id === id && m.content.data.cell.end_ms;
    const { cell } = (await client.until(ended)).content.data;
    expect(cell.end_ms - cell.start_ms).toBeGreaterThan(1400);
    const during = of("a")
      .filter((m) => m.at < reply.at)
      .flatMap(rows)
      .filter((row) => row.time_ms > cell.start_ms);
    expect(during.filter(({ series }) => series === "process.rss").length).toBeGreaterThan(5);
    await close("a");
  });
});
