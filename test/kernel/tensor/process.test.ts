// The backend in processes of their own, as built: how they end, what they print, what the environment decides.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const built = fileURLToPath(new URL("../../../kernel/dist/tensor/index.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "backend-"));

beforeAll(() => {
  mkdirSync(join(folder, "broken", "lib"), { recursive: true });
  for (const name of ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"])
    writeFileSync(join(folder, "broken", "lib", name), "not a library");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the body of an async function that has `backend` and `tf`. */
function run(body: string, env: Record<string, string> = {}) {
  const script = `const { backend, tf } = require(${JSON.stringify(built)}); (async () => { ${body} })();`;
  const { TF_CPP_MIN_LOG_LEVEL: _, ...inherited } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["-e", script], {
    env: { ...inherited, ...env },
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

const compute = `await backend.use("tensorflow"); const x = tf.ones([300, 300]); console.log(tf.matMul(x, x).sum().dataSync()[0]);`;

describe("a process that used tensorflow", () => {
  test("ends with 0 and says nothing of its own", () => {
    expect(run(compute)).toEqual({ status: 0, stdout: "27000000\n", stderr: "" });
  });

  test("ends with the code given to process.exit()", () => {
    expect(run(`${compute} process.exit(0);`).status).toBe(0);
    expect(run(`${compute} process.exit(3);`).status).toBe(3);
  });

  test("ends with 0 after worker threads used it too, ended or stopped", () => {
    const worker = `const { backend, tf } = require(${JSON.stringify(built)}); (async () => { ${compute} })();`;
    const { status, stderr } = run(`${compute}
      const { Worker } = require("node:worker_threads");
      const start = () => new Worker(${JSON.stringify(worker)}, { eval: true, stdout: true });
      const end = (worker) => new Promise((resolve) => worker.on("exit", resolve));
      for (let i = 0; i < 2; i++) if ((await end(start())) !== 0) throw new Error("a worker failed");
      const stopped = start();
      await new Promise((resolve) => stopped.stdout.once("data", resolve));
      await stopped.terminate();
      if (tf.matMul(x, x).sum().dataSync()[0] !== 27000000) throw new Error("the main thread's tensors changed");`);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});

describe.runIf(process.platform === "linux" && process.arch === "x64")(
  "a process whose compiled ops could wait for one another",
  () => {
    /** Mebibytes that 40 blocks of scores take, of 16 each, and XLA_FLAGS as programs find it that are started then. */
    const measure = (env: Record<string, string> = {}) => {
      const { stdout } = run(
        `await backend.use("tensorflow");
      const { jit } = require(${JSON.stringify(built)});
      const highest = () => Number(/VmHWM:\\s+(\\d+)/.exec(require("node:fs").readFileSync("/proc/self/status", "utf8"))[1]) / 1024;
      const blocks = jit((q, k, v) => tf.concat(Array.from({ length: 40 }, (_, i) =>
        tf.matMul(tf.softmax(tf.matMul(q.slice([256 * i, 0], [256, 16]), k, false, true)), v))));
      const [q, k] = [tf.ones([256 * 40, 16]), tf.ones([2 ** 14, 16])];
      const before = highest();
      const sum = blocks(q, k, k).sum().dataSync()[0];
      const child = "process.stdout.write(String(process.env.XLA_FLAGS))";
      const flags = require("node:child_process").execFileSync(process.execPath, ["-e", child], { encoding: "utf8" });
      console.log(JSON.stringify({ sum, grown: highest() - before, flags }));`,
        env,
      );
      return JSON.parse(stdout) as { sum: number; grown: number; flags: string };
    };

    test("computes one after the other, and lets programs that it starts know nothing of that", () => {
      const { sum, grown, flags } = measure();
      expect(sum).toBeCloseTo(256 * 40 * 16, -1);
      expect(grown).toBeLessThan(320);
      expect(flags).toBe("undefined");
    });

    test("does as XLA_FLAGS says", () => {
      const all = "--xla_cpu_enable_concurrency_optimized_scheduler=true";
      const { grown, flags } = measure({ XLA_FLAGS: all });
      expect(grown).toBeGreaterThan(500);
      expect(flags).toBe(all);
    });
  },
);

describe.runIf(process.platform === "linux")("a process that is sent signals while tensorflow computes", () => {
  test("hears them, and its heap stays whole", () => {
    const sender = `setInterval(() => process.kill(process.pid, "SIGUSR2"), 2);`;
    const { stdout, status } = run(`await backend.use("tensorflow");
      let heard = 0;
      process.on("SIGUSR2", () => heard++);
      const worker = new (require("node:worker_threads").Worker)(${JSON.stringify(sender)}, { eval: true });
      const [x, began] = [tf.ones([2, 500, 500]), performance.now()];
      while (performance.now() - began < 4000) {
        const product = tf.matMul(x, x);
        if (product.dataSync().some((value) => value !== 500)) throw new Error("a product is wrong");
        product.dispose();
        await new Promise(setImmediate);
      }
      console.log(heard > 100 ? "heard" : heard);
      await worker.terminate();`);
    expect({ stdout, status }).toEqual({ stdout: "heard\n", status: 0 });
  });

  test("keeps them from the threads that compute, and from no program that it starts", () => {
    const blocked = (status: string) => `(BigInt("0x" + /SigBlk:\\s*(\\w+)/.exec(${status})[1]) & 2n) === 2n`; // SIGINT
    const { stdout, stderr } = run(
      `${compute}
      const { readdirSync, readFileSync } = require("node:fs");
      const main = ${blocked('readFileSync("/proc/self/status", "utf8")')};
      const tasks = readdirSync("/proc/self/task").map((id) => readFileSync("/proc/self/task/" + id + "/status", "utf8"));
      const open = tasks.filter((status) => !(${blocked("status")})).length;
      const child = require("node:child_process").execFileSync("cat", ["/proc/self/status"], { encoding: "utf8" });
      console.log(main, tasks.length - open > 2, open > 0, ${blocked("child")});`,
    );
    expect({ stdout, stderr }).toEqual({ stdout: "27000000\ntrue true true false\n", stderr: "" });
  });
});

describe("a process that ends while tensorflow is in use", () => {
  const worker = `const { backend, tf } = require(${JSON.stringify(built)});
    (async () => { ${compute} for (;;) { tf.tidy(() => void tf.matMul(x, x).dataSync()); await new Promise(setImmediate); } })();`;
  const startWorkers = `const { Worker } = require("node:worker_threads");
    const workers = Array.from({ length: 3 }, () => new Worker(${JSON.stringify(worker)}, { eval: true, stdout: true }));
    await Promise.all(workers.map((worker) => new Promise((resolve) => worker.stdout.once("data", resolve))));`;

  test("by an exception that nobody catches ends with 1 and tells of it", () => {
    const { status, stderr } = run(`${compute} setTimeout(() => { throw new Error("nobody catches this"); });`);
    expect(status).toBe(1);
    expect(stderr).toContain("Error: nobody catches this");
  });

  test("by an op that fails ends with 1 and tells of it", () => {
    const { status, stderr } = run(`${compute} tf.matMul(x, tf.ones([7, 5]));`);
    expect(status).toBe(1);
    expect(stderr).toMatch(/matMul|MatMul/);
  });

  test("by process.exit() with three worker threads computing ends with its code", () => {
    expect(run(`${compute} ${startWorkers} process.exit(5);`).status).toBe(5);
  });

  test("ends with 0 after three worker threads that compute at once were stopped", () => {
    const { status, stderr } = run(`${startWorkers} await Promise.all(workers.map((worker) => worker.terminate()));`);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});

describe("the environment", () => {
  test("BESTRQ_THREADS sets the threads of an op", () => {
    expect(run(`console.log((await backend.use("tensorflow")).threads)`, { BESTRQ_THREADS: "3" }).stdout).toBe("3\n");
    const refused = `await backend.use("auto").catch((error) => console.log(error.name, error.message))`;
    expect(run(refused, { BESTRQ_THREADS: "0" }).stdout).toBe(
      'RangeError Cannot set the number of threads: BESTRQ_THREADS must be a whole number from 1, got "0"\n',
    );
  });

  test("without libtensorflow, auto computes with wasm and says why in one line", () => {
    const { status, stdout, stderr } = run(
      `console.log(JSON.stringify(await backend.use())); console.log(tf.ones([3]).sum().dataSync()[0])`,
      {
        BESTRQ_TENSORFLOW: join(folder, "none"),
      },
    );
    const [described, sum] = stdout.trim().split("\n");
    expect({ status, sum }).toEqual({ status: 0, sum: "3" });
    expect(JSON.parse(described)).toMatchObject({
      name: "wasm",
      better: expect.arrayContaining([
        { name: "tensorflow", reason: expect.stringContaining("Cannot find libtensorflow"), command: "npm start" },
      ]),
    });
    expect(stderr).toMatch(/^bestrq: computing with WebAssembly, .*Cannot find libtensorflow.*npm start\n$/);
  });

  test("a libtensorflow that cannot be loaded is named with the loader's reason", () => {
    const { stdout } = run(`await backend.use("tensorflow").catch((error) => console.log(error.message))`, {
      BESTRQ_TENSORFLOW: join(folder, "broken"),
    });
    expect(stdout).toMatch(
      /^Cannot load .*libtensorflow_framework\.so\.2: .*; npm start adds it, and the backend "wasm" works/,
    );
  });
});
