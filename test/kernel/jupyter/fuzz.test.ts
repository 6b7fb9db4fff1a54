import { randomUUID } from "node:crypto";
import { Random } from "bestrq/tensor/random";
import { expect, test } from "vitest";
import { Dealer, XSubscriber } from "zeromq";
import { Client, pause } from "./client";

const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000);
const frames = 100_000;
const peersPerSocket = 3;

test(`after ${frames} frames of nonsense on every socket the kernel still runs cells (FUZZ_SEED=${seed})`, {
  timeout: 120_000,
}, async () => {
  console.log(`FUZZ_SEED=${seed}`);
  const client = await Client.start();
  const random = new Random(seed);
  const peers = Object.entries(client.ports).flatMap(([name, port]) =>
    Array.from({ length: peersPerSocket }, () => {
      const peer = new (name === "iopub_port" ? XSubscriber : Dealer)({ linger: 0, sendHighWaterMark: 0 });
      peer.connect(`tcp://127.0.0.1:${port}`);
      return peer;
    }),
  );
  try {
    await client.execute("const kept = 41");
    for (let sent = 0; sent < frames; ) {
      const message = nonsense(client, random);
      sent += message.length;
      await peers[random.integer(peers.length)]!.send(message);
    }
    for (const channel of ["shell", "control"]) {
      expect((await client.ask("kernel_info_request", {}, { control: channel === "control" })).content.status).toBe(
        "ok",
      );
    }
    expect(await client.beats()).toBe(true);
    const { result } = await client.execute("[kept + 1, (globalThis as any).intruded]");
    expect(result["text/plain"]).toBe("[ 42, undefined ]");
    await pause(1500); // for the log's last word
    await client.ask("kernel_info_request");
    expect(client.stderr).toContain("dropped a message");
    expect(client.stderr.split("\n").length, "lines of log").toBeLessThan(2000);
  } finally {
    for (const peer of peers) peer.close();
    await client.stop();
  }
});

/** A message that looks more or less like one, but is not to be served. */
function nonsense(client: Client, random: Random): Uint8Array[] {
  const types = [
    "execute_request",
    "kernel_info_request",
    "comm_msg",
    "shutdown_request",
    "interrupt_request",
    "stdin",
  ];
  const content = { code: "globalThis.intruded = true", comm_id: "x", data: {}, silent: false };
  const message = client
    .frames(types[random.integer(types.length)]!, content, randomUUID())
    .map((part) => Buffer.from(part));
  return spoilers[random.integer(spoilers.length)]!(message, random);
}

type Spoiler = (message: Buffer[], random: Random) => Uint8Array[];

const bytes = (random: Random, length: number) => Buffer.from(Array.from({ length }, () => random.integer(256)));
/** Lengths from nothing to a megabyte, small ones mostly. */
const length = (random: Random) => (random.integer(500) === 0 ? 1 << (10 + random.integer(11)) : random.integer(40));

const spoilers: Spoiler[] = [
  // A bit is turned in what is signed, or in the signature.
  (message, random) => {
    const frame = message[1 + random.integer(5)]!;
    frame[random.integer(frame.length)]! ^= 1 << random.integer(8);
    return message;
  },
  // It ends too early, or begins too late.
  (message, random) => message.slice(0, 1 + random.integer(5)),
  (message, random) => message.slice(1 + random.integer(5)),
  // Frames change places with the signature.
  ([delimiter, signature, ...rest]) => [delimiter!, rest[0]!, signature!, ...rest.slice(1)],
  // Other frames altogether.
  (_, random) => Array.from({ length: 1 + random.integer(8) }, () => bytes(random, length(random))),
  // A large frame where the content was.
  (message, random) => [...message.slice(0, 5), Buffer.alloc(1 + length(random), 0x5b)],
  // Many delimiters, many frames.
  ([delimiter], random) => Array.from({ length: 1 + random.integer(20) }, () => delimiter!),
  // A heart that beats for nobody, with routing frames before it.
  (message, random) => [bytes(random, 5), Buffer.alloc(0), ...message.slice(0, 5)],
];
