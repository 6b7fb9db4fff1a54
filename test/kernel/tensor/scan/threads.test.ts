// The selective scan's threads: in processes of their own, as built.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client, pause } from "../../jupyter/client";

const built = fileURLToPath(new URL("../../../../kernel/dist/tensor/index.js", import.meta.url));

/** Scans on `wasm` (as on `tensorflow`) 61 channels, three slices of them; `digest()` is a hash of all that it gives. */
const scans = `
  const { backend, Random, selectiveScan, tf } = require(${JSON.stringify(built)});
  const { createHash } = require("node:crypto");
  const random = new Random(3);
  let inputs, dy;
  const setUp = async () => {
    await backend.use("wasm");
    const [T, D, N] = [257, 61, 17];
    const frames = () => random.normal([1, T, N]);
    const A = random.uniform([D, N], -N, -0.5);
    inputs = [random.normal([1, T, D]), random.uniform([1, T, D], 0.01, 1), A, frames(), frames(), random.normal([D])];
    dy = random.normal([1, T, D]);
  };
  const digest = () => {
    const hash = createHash("sha256");
    for (const tensor of [selectiveScan(...inputs), ...tf.grads(selectiveScan)(inputs, dy)]) hash.update(tensor.dataSync());
    return hash.digest("hex");
  };`;

function run(body: string, threads: number, env: Record<string, string> = {}) {
  const script = `${scans}; setUp().then(async () => { ${body} });`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["-e", script], {
    env: { ...process.env, ...env, BESTRQ_THREADS: String(threads) },
    encoding: "utf8",
    timeout: 30_000,
  });
  return { status, stdout, stderr };
}

describe("the threads of the selective scan", () => {
  test("give the same to the last bit, however many there are", () => {
    const body = `
      const first = digest();
      await new Promise((resolve) => setTimeout(resolve, 500)); // the other threads are awake now
      for (let i = 0; i < 20; i++) if (digest() !== first) throw new Error("it differs");
      console.log(first);`;
    const [one, two, five] = [1, 2, 5].map((threads) => run(body, threads));
    expect(one).toMatchObject({ status: 0, stderr: "" });
    expect(two).toEqual(one);
    expect(five).toEqual(one);
  });

  test("end with the process, its work done, at process.exit(), and with the worker thread that began them", () => {
    expect(run("digest()", 3)).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(run("digest(); setTimeout(() => { digest(); process.exit(3) }, 300)", 3).status).toBe(3);
    const worker = `${scans}; setUp().then(() => { digest(); require("node:worker_threads").parentPort.postMessage(0) });`;
    const body = `
      const { Worker } = require("node:worker_threads");
      const first = digest();
      for (let i = 0; i < 3; i++) {
        const worker = new Worker(${JSON.stringify(worker)}, { eval: true });
        await new Promise((resolve) => worker.once("message", resolve));
        if (i > 0) await worker.terminate();
      }
      if (digest() !== first) throw new Error("it differs");`;
    expect(run(body, 3)).toEqual({ status: 0, stdout: "", stderr: "" });
  });
});

describe("an interrupt of a notebook that scans", () => {
  let client: Client;
  beforeAll(async () => {
    client = await Client.start();
    const { content } = await client.execute(`
      import { backend, Random, tf } from "bestrq";
      await backend.use("wasm");
      const random = new Random(3);
      const [T, D, N] = [257, 61, 17];
      const inputs = {
        x: random.normal([1, T, D]),
        delta: random.uniform([1, T, D], 0.01, 1),
        A: tf.neg(tf.ones([D, N])),
        B: random.normal([1, T, N]),
        C: random.normal([1, T, N]),
        skip: tf.ones([D]),
      };
      const sum = () => tf.tidy(() => (tf.engine().runKernel("SelectiveScan", inputs) as tf.Tensor).sum().dataSync()[0]);
      const first = sum();`);
    expect(content.status, content.evalue).toBe("ok");
  });
  afterAll(() => client.stop());

  test("leaves the scan's threads as good as they were", async () => {
    for (let i = 0; i < 3; i++) {
      const id = await client.submit(`console.log("begun"); while (true) { try { while (true) sum() } catch {} }`);
      await client.until(({ type, parent }) => type === "stream" && parent.msg_id === id);
      await pause(300 + 37 * i);
      await client.ask("interrupt_request", {}, { control: true });
      const { content } = await client.finished(id);
      expect(content.ename, content.evalue).toBe("KeyboardInterrupt");
      const { result } = await client.execute("sum() === first");
      expect(result?.["text/plain"]).toBe("true");
    }
  });
});
