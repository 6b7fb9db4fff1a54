// What is free on a card, and the warning that is told of it, with the driver of stub.c.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { MessageChannel } from "node:worker_threads";
import { connect, freeOnCard } from "bestrq/device";
import { Connection } from "bestrq/device/connection";
import { Nvml } from "bestrq/device/nvml/library";
import { NvmlProbe } from "bestrq/device/nvml/probe";
import { afterAll, describe, expect, test } from "vitest";
import { root } from "../imports";
import { buildStub, twoCards } from "./stub";

const stub = await buildStub();
afterAll(() => stub.remove());
const GiB = 2 ** 30;

describe("freeOnCard()", () => {
  const told = async (answers: ReturnType<typeof twoCards>, { pid = 42, isContained = false } = {}) => {
    stub.answer(answers);
    const probe = new NvmlProbe({ open: () => Nvml.open(stub.nvml), pid, isContained });
    const values = await probe.sample();
    return { series: probe.series, values, notes: probe.notes, timeMs: 0 };
  };
  const oneCard = { ...twoCards(42), count: 1 };

  test("adds what this process keeps for later to what nobody uses", async () => {
    expect(freeOnCard(await told(oneCard), 2 * GiB)).toBe((40 - 7 + 5 - 2) * GiB);
  });

  test("is the card without what others use where this process is not on it", async () => {
    expect(freeOnCard(await told(oneCard, { pid: 43 }), GiB)).toBe((40 - 7) * GiB);
  });

  test("is at most the card where the driver does not tell this process's share", async () => {
    expect(freeOnCard(await told(oneCard, { pid: 43, isContained: true }), GiB)).toBe((40 - 1) * GiB);
  });

  test("is that of a part of a card, not of the whole that was cut", async () => {
    const onMig = { ...twoCards(42), "gpu0.process1.pid": 8 };
    expect(freeOnCard(await told(onMig), GiB / 2)).toBe((40 - 2 + 1 - 0.5) * GiB);
  });

  test("counts what WebGPU keeps, which the driver does not list as this process's", async () => {
    const moment = await told(oneCard, { pid: 43 });
    const values = { ...moment.values, "webgpu.allocated": 3 * GiB, "webgpu.used": GiB };
    expect(freeOnCard({ ...moment, values }, GiB)).toBe((40 - 7 + 2) * GiB);
  });

  test("is not known of a lost card, or without any", async () => {
    expect(freeOnCard(await told({ ...oneCard, "gpu0.status": 15 }), 0)).toBeUndefined();
    expect(freeOnCard({ series: [], values: {}, notes: [], timeMs: 0 }, 0)).toBeUndefined();
  });
});

test("Connection.now() samples while this thread stands still", () => {
  expect(connect().now(60_000)?.values["process.rss"]).toBeGreaterThan(2 ** 20);
});

test("Connection.now() waits no longer than it is told to for a thread that does not answer", () => {
  const { port1, port2 } = new MessageChannel();
  expect(new Connection(port1).now(10)).toBeUndefined();
  port2.close();
});

test("a model that will not fit on the card is told of before it runs", () => {
  stub.answer({ count: 1, "gpu0.name": "NVIDIA T4", "gpu0.total": 16 * 2 ** 20, "gpu0.used": 0, "gpu0.mig": 0 });
  const program = `
    const { BestRq, backend } = require(${JSON.stringify(join(root, "kernel/dist/index.js"))});
    const { foresight } = require(${JSON.stringify(join(root, "kernel/dist/bestrq/index.js"))});
    backend.use("wasm").then(() => {
      backend.status = () => ({ name: "tensorflow", device: "GPU", deviceName: "Tesla T4" });
      const model = new BestRq({ mixer: "mhsa", size: "tiny" });
      for (const frames of [50, 60_000]) foresight.look(model, { batch: 2, frames, train: false });
    });`;
  const env = { ...process.env, LD_LIBRARY_PATH: stub.folder, NVIDIA_STUB: stub.script };
  const said = execFileSync(process.execPath, ["-e", `process.stderr.write = (text) => process.stdout.write(text);${program}`], { env, encoding: "utf8" }); // biome-ignore format: one line
  expect(said).toMatch(
    /^bestrq: mhsa on 2 × 10 min 0 s, inference, will want [\d.]+ [GM]iB beside what is alive, but 1\d\.\d MiB are free on the card\. 2 × [\d.]+ s, would fit\n$/,
  );
});
