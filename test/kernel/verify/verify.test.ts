import { execFile } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { type BackendName, backend, readSafetensors, tf, writeSafetensors } from "bestrq/tensor";
import { verify, verifyFile } from "bestrq/verify";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { lackOfSwiftShader } from "../../swiftshader";
import { root } from "../imports";
import { ownVectors, vectorFiles } from "../reference";
import { handles, useBackend } from "../tensor/backends";

const own = (name: string) => join(ownVectors, `${name}.safetensors`);
async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const gathered: T[] = [];
  for await (const value of values) gathered.push(value);
  return gathered;
}
const named = vectorFiles.map((path) => [join(basename(dirname(path)), basename(path)), path]);

describe.each<BackendName>(["tensorflow", "wasm"])("on %s", (name) => {
  beforeAll(() => backend.use(name));

  test.each(named)("%s: outputs, losses and every gradient agree, and nothing leaks", async (_, path) => {
    const before = tf.memory().numTensors;
    expect(await verifyFile(path)).toMatchObject({ pass: true });
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe.skipIf(lackOfSwiftShader)("on webgpu", () => {
  beforeAll(() => useBackend("webgpu"));

  // Every mixer and every whole model: ours alone, as their programs take seconds to compile without a GPU.
  test.each(named.filter(([, path]) => path.startsWith(ownVectors)))(
    "%s: outputs, losses and every gradient agree, and the GPU's memory is free again",
    { timeout: 300_000 },
    async (_, path) => {
      const before = { tensors: tf.memory().numTensors, bytes: handles() };
      expect(await verifyFile(path)).toMatchObject({ pass: true });
      expect({ tensors: tf.memory().numTensors, bytes: handles() }).toEqual(before);
    },
  );

  test("bestrq verify --backend webgpu passes, too", { timeout: 300_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "verify-"));
    copyFileSync(own("mamba_unidirectional"), join(folder, "mamba_unidirectional.safetensors"));
    const { code, stdout, stderr } = await run(folder, "--backend", "webgpu");
    rmSync(folder, { recursive: true });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("1 of 1 pass on webgpu");
  });
});

describe("verify()", () => {
  let folder: string;
  beforeAll(() => backend.use("wasm"));
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "verify-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Writes one of our files with changes to the folder and gives the verdict on it. */
  async function changed(
    name: string,
    change: (tensors: Record<string, tf.Tensor>, metadata: Record<string, string>) => void,
    as = name,
  ) {
    const file = readSafetensors(own(name));
    const tensors = Object.fromEntries(file.names().map((each) => [each, file.tensor(each)]));
    const metadata = { ...file.metadata };
    change(tensors, metadata);
    await writeSafetensors(join(folder, `${as}.safetensors`), tensors, metadata);
    file.close();
    return (await all(verify(folder)))[0];
  }

  test("misses an output that is off by more than 1e-5 of its largest magnitude, and says so", async () => {
    const verdict = await changed("fastformer", (tensors) => {
      tensors.output = tensors.output.add(tensors.output.abs().max().mul(3e-5));
    });
    expect(verdict).toMatchObject({ case: "fastformer", pass: false, worst: expect.stringMatching(/^output, /) });
    expect(verdict.outputError).toBeGreaterThan(2.5e-5);
    expect(verdict.gradientError).toBeLessThan(1e-5);
  });

  test("misses one wrong gradient among many, and names it", async () => {
    const verdict = await changed("conformer_mamba", (tensors) => {
      const gradient = tensors["grad.norm2.norm.bias"];
      tensors["grad.norm2.norm.bias"] = gradient.mul(1.001);
    });
    expect(verdict).toMatchObject({ pass: false, worst: "output, gradient of norm.bias" });
    expect(verdict.outputError).toBeLessThan(1e-5);
  });

  test("misses a single wrong code id", async () => {
    const verdict = await changed("quantizer", (tensors) => {
      const ids = tensors.ids.dataSync();
      ids[5] += 1;
      tensors.ids = tf.tensor(ids, tensors.ids.shape, "int32");
    });
    expect(verdict).toMatchObject({ outputError: 1, pass: false });
  });

  test("misses values that are not numbers", async () => {
    const verdict = await changed("frontend", (tensors) => {
      tensors.input = tensors.input.mul(Number.NaN);
    });
    expect(verdict).toMatchObject({ outputError: Number.POSITIVE_INFINITY, pass: false });
  });

  test.each([
    ["an unknown case", "mhsa", () => {}, "rotary", "its name must begin with one of fbank, frontend,"],
    [
      "a size that is missing",
      "mhsa",
      (_: object, told: object) => Reflect.deleteProperty(told, "heads"),
      "mhsa",
      "heads",
    ],
    ["an activation that is unknown", "conformer_mhsa", (_: object, told: object) => Object.assign(told, { activation: "relu" }), "conformer_mhsa", '"activation" of its metadata must be one of swish, gelu, but is "relu"'], // biome-ignore format: a table
    ["a tensor that is missing", "mhsa", (tensors: object) => Reflect.deleteProperty(tensors, "grad.pos_bias_v"), "mhsa", 'Cannot find the tensor "grad.pos_bias_v"'], // biome-ignore format: a table
    ["a tensor of another shape", "mhsa", (tensors: Record<string, tf.Tensor>) => Object.assign(tensors, { output: tf.zeros([2, 3]) }), "mhsa", "output has the shape [2,3] there, but [2,7,6] here"], // biome-ignore format: a table
    ["a parameter that we lack", "mhsa", (tensors: Record<string, tf.Tensor>) => Object.assign(tensors, { "grad.gate": tf.zeros([2]) }), "mhsa", "gradients of parameters that our layer lacks: grad.gate"], // biome-ignore format: a table
  ])("says what is wrong with %s", async (_, name, change, as, problem) => {
    const verdict = await changed(name, change, as);
    expect(verdict).toMatchObject({ case: as, pass: false, outputError: Number.NaN });
    expect(verdict.problem).toContain(`Cannot verify ${join(folder, `${as}.safetensors`)}: `);
    expect(verdict.problem).toContain(problem);
  });

  test("goes on after a file that is cut short, and leaks nothing", async () => {
    writeFileSync(join(folder, "bestrq_mhsa.safetensors"), readFileSync(own("bestrq_mhsa")).subarray(0, 9999));
    copyFileSync(own("fbank"), join(folder, "fbank.safetensors"));
    const before = tf.memory().numTensors;
    expect(await all(verify(folder))).toMatchObject([
      { case: "bestrq_mhsa", pass: false, problem: expect.stringContaining("Cannot read") },
      { case: "fbank", pass: true, gradientError: 0 },
    ]);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("throws where there is no folder, or nothing to compare in it", async () => {
    await expect(all(verify(folder))).rejects.toThrow(`Cannot verify ${folder}: there is no .safetensors file in it`);
    await expect(all(verify(join(folder, "nowhere")))).rejects.toThrow("no such file or directory");
  });
});

/** Runs `bestrq verify`. */
const run = (...args: string[]) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [join(root, "kernel/dist/cli.js"), "verify", ...args], (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });

describe("bestrq verify", () => {
  test.each(["tensorflow", "wasm"])("passes on our vectors on %s, one JSON object a line", async (name) => {
    const { code, stdout, stderr } = await run(ownVectors, "--backend", name, "--json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.trim().split("\n").map((line) => JSON.parse(line)); // biome-ignore format: one line
    expect(lines).toHaveLength(vectorFiles.filter((path) => path.startsWith(ownVectors)).length);
    for (const line of lines) {
      expect(Object.keys(line)).toEqual(["case", "output_error", "gradient_error", "pass"]);
      expect(line.pass, line.case).toBe(true);
      expect(line.output_error).toBeLessThanOrEqual(1e-5);
      expect(line.gradient_error).toBeLessThanOrEqual(1e-4);
    }
  });

  test("prints a table, the reason on stderr, and ends with 1 where a file cannot be compared", async () => {
    const folder = mkdtempSync(join(tmpdir(), "verify-"));
    copyFileSync(own("fbank"), join(folder, "fbank.safetensors"));
    copyFileSync(own("mhsa"), join(folder, "rotary.safetensors"));
    const { code, stdout, stderr } = await run(folder, "--backend", "wasm");
    rmSync(folder, { recursive: true });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^fbank .* pass +features$/m);
    expect(stdout).toMatch(/^rotary .* MISS$/m);
    expect(stdout).toContain("1 of 2 pass on wasm");
    expect(stderr).toContain("rotary.safetensors: its name must begin with one of");
  });

  test.each([
    [[], "Cannot verify: name one folder of reference vectors"],
    [[ownVectors, "--backend", "abacus"], 'Cannot use the backend "abacus"'],
    [[join(ownVectors, "nowhere")], "no such file or directory"],
  ])("refuses %j in one line and ends with 1", async (args, message) => {
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});
