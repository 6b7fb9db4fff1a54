import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Dealer } from "zeromq";
import { Client, pause } from "./client";

let client: Client;
beforeAll(async () => {
  client = await Client.start();
});
afterAll(() => client.stop());

const frames = (code = "globalThis.intruded = true", id = randomUUID()) =>
  client.frames("execute_request", { code, silent: false }, id).map(String);
const replaced = (index: number, text: string) => frames().map((frame, at) => (at === index ? text : frame));
const signed = (parts: string[]) => ["<IDS|MSG>", client.sign(parts), ...parts];

const bad: Record<string, () => Array<string | Uint8Array>> = {
  "a bad signature": () => replaced(1, "0".repeat(64)),
  "no signature": () => replaced(1, ""),
  "a signature of another length": () => replaced(1, "ab"),
  "another content than was signed": () => replaced(5, '{"code":"globalThis.intruded = true"}'),
  "no delimiter": () => frames().slice(1),
  "nothing after the delimiter": () => frames().slice(0, 1),
  "too few frames": () => frames().slice(0, 4),
  "an empty frame": () => [""],
  garbage: () => [new Uint8Array([0, 255, 254, 1]), new Uint8Array(1000).fill(0x3c)],
  "signed garbage": () => signed(["not", "JSON", "at", "all"]),
  "signed JSON that is no message": () => signed(["null", "[]", "3", '"x"']),
  "a header without a type": () => signed(["{}", "{}", "{}", "{}"]),
  "a type that is unknown": () => client.frames("unheard_of_request", {}),
  "a type that every object has": () => client.frames("constructor", {}),
};

describe.each(["shell", "control"])("a bad peer on %s", (channel) => {
  test.each(Object.entries(bad))("that sends %s is not served, and others are", async (_, message) => {
    const peer = new Dealer({ linger: 0 });
    peer.connect(`tcp://127.0.0.1:${client.ports[`${channel}_port`]}`);
    const before = client.stderr.length;
    await peer.send(message());
    while (client.stderr.length === before) await pause(5);
    peer.close();
    expect(client.stderr.slice(before).trim().split("\n")).toHaveLength(1);
    expect((await client.ask("kernel_info_request", {}, { control: channel === "control" })).content.status).toBe("ok");
  });
});

test("a message that is sent again, by whomever, is not served again", async () => {
  await client.execute("let served = 0");
  const message = client.frames("execute_request", { code: "served++", silent: false });
  const thief = new Dealer({ linger: 0 });
  thief.connect(`tcp://127.0.0.1:${client.ports.shell_port}`);
  await client.shell.send(message);
  await client.until(({ type, content }) => type === "execute_input" && content.code === "served++");
  const before = client.stderr.length;
  await thief.send(message);
  while (client.stderr.length === before) await pause(5);
  thief.close();
  expect(client.stderr.slice(before)).toContain("it has come before");
  expect((await client.execute("served")).result["text/plain"]).toBe("1");
});

test("an execute_request with contents of wrong types is answered", async () => {
  for (const content of [
    {},
    { code: 3 },
    { code: "1", user_expressions: null },
    { code: "1", user_expressions: [3] },
  ]) {
    expect((await client.ask("execute_request", content)).content.status).toMatch(/ok|error/);
  }
});

test("bytes that are not ZeroMQ do no harm", async () => {
  const socket = connect(client.ports.shell_port!, "127.0.0.1");
  await new Promise((resolve) => socket.write("GET / HTTP/1.1\r\n\r\n", resolve));
  socket.destroy();
  expect((await client.ask("kernel_info_request")).content.status).toBe("ok");
});

test("nothing of all that was run", async () => {
  expect((await client.execute("(globalThis as any).intruded")).result).toBeUndefined();
  expect(await client.beats()).toBe(true);
});
