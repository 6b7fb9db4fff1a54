// Machines that lack something, or have it broken, each in a process of its own, as built: what computes then, and what
// is said of it.
import { spawnSync } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lackOfSwiftShader, swiftShader } from "../../swiftshader";
import { root } from "../imports";

const built = join(root, "kernel/dist/tensor/index.js");
const folder = mkdtempSync(join(tmpdir(), "fallbacks-"));
afterAll(() => rmSync(folder, { recursive: true }));

const noTensorFlow = { BESTRQ_TENSORFLOW: join(folder, "none") };

/** The first bytes of a file. */
function cut(from: string, to: string, bytes: number): void {
  const file = openSync(from, "r");
  const buffer = Buffer.alloc(bytes);
  writeFileSync(to, buffer.subarray(0, readSync(file, buffer, 0, bytes, 0)));
  closeSync(file);
}

/** Uses one backend after the other and computes with each; `kilobytes` limits the addresses of the process. */
function use(names: string, env: Record<string, string> = {}, kilobytes?: number) {
  const script = `const { backend, tf } = require(${JSON.stringify(built)});
    (async () => {
      let x, seen;
      for (const each of ${JSON.stringify(names.split(" "))}) {
        const { name, better } = await backend.use(each);
        x = x ? x.mul(1) : tf.ones([30, 70]); // goes along
        const [sum] = await tf.matMul(x, tf.ones([70, 20])).sum().data();
        seen = { name, sum: seen && seen.sum !== sum ? "another one on " + name : sum, better };
      }
      console.log(JSON.stringify(seen));
    })().catch((error) => { console.log(JSON.stringify({ error: error.message })); });`;
  const limit = kilobytes ? `ulimit -v ${kilobytes}; ` : "";
  const { VK_ICD_FILENAMES: _, LD_LIBRARY_PATH: __, ...inherited } = process.env;
  const { status, stdout, stderr } = spawnSync(
    "/bin/sh",
    ["-c", `${limit}exec "$0" -e "$1"`, process.execPath, script],
    {
      env: { ...inherited, ...env },
      encoding: "utf8",
    },
  );
  return {
    status,
    stderr,
    ...(JSON.parse(stdout || "{}") as { name?: string; sum?: number; error?: string; better?: object[] }),
  };
}

const whyNot = (name: string, reason: RegExp, command?: string) =>
  expect.arrayContaining([{ name, reason: expect.stringMatching(reason), ...(command ? { command } : {}) }]);

describe.runIf(process.platform === "linux")("auto", () => {
  test("takes wasm where libtensorflow was cut short in the download", () => {
    const whole = join(root, ".tensorflow/lib");
    const lib = join(folder, "cut", "lib");
    mkdirSync(lib, { recursive: true });
    copyFileSync(join(whole, "libtensorflow_framework.so.2"), join(lib, "libtensorflow_framework.so.2"));
    cut(join(whole, "libtensorflow_cc.so.2"), join(lib, "libtensorflow_cc.so.2"), 50_000_000);
    const seen = use("auto", { BESTRQ_TENSORFLOW: join(folder, "cut") });
    rmSync(lib, { recursive: true });
    expect(seen).toMatchObject({ status: 0, name: "wasm", sum: 42_000 });
    expect(seen.stderr).toMatch(
      /^bestrq: computing with WebAssembly, which is slower: Cannot load .*: it is cut short, .*\n$/,
    );
  });

  test.each([
    ["tensorflow", 6_000_000, {}],
    ["wasm", undefined, noTensorFlow],
    ["cpu", 6_000_000, noTensorFlow],
    ["wasm", 6_000_000, { ...noTensorFlow, NODE_OPTIONS: "--disable-wasm-trap-handler" }],
    ["cpu", 1_900_000, {}],
  ])("takes %s with %s kilobytes of addresses and %j", (name, kilobytes, env) => {
    const seen = use("auto", env as Record<string, string>, kilobytes);
    expect(seen).toMatchObject({ status: 0, name, sum: 42_000 });
    expect(seen.stderr.split("\n")).toHaveLength(name === "tensorflow" ? 1 : 2);
    if (name === "cpu") expect(seen.stderr).toMatch(/plain JavaScript, .*Cannot start WebAssembly: .*NODE_OPTIONS=/);
  });
});

describe.skipIf(lackOfSwiftShader || process.platform !== "linux")("a machine whose WebGPU", () => {
  const shader = swiftShader as NonNullable<typeof swiftShader>;
  const broken = { ...shader, VK_ICD_FILENAMES: join(folder, "broken.json") };
  beforeAll(() => {
    cut(join(shader.LD_LIBRARY_PATH, "libvk_swiftshader.so"), join(folder, "driver.so"), 1_000_000);
    const ICD = { library_path: join(folder, "driver.so"), api_version: "1.1.0" };
    writeFileSync(broken.VK_ICD_FILENAMES, JSON.stringify({ file_format_version: "1.0.0", ICD }));
  });

  test("works computes with it when asked to", () => {
    expect(use("webgpu", shader)).toMatchObject({ status: 0, name: "webgpu", sum: 42_000, stderr: "" });
  });

  test("works is switched to after libtensorflow was loaded, and back, without a restart", () => {
    const seen = use("tensorflow webgpu wasm tensorflow webgpu", shader);
    expect(seen).toMatchObject({ status: 0, name: "webgpu", sum: 42_000, stderr: "" });
  });

  test("is a program on the CPU keeps libtensorflow, without a line", () => {
    const seen = use("auto", shader);
    expect(seen).toMatchObject({ status: 0, name: "tensorflow", sum: 42_000, stderr: "" });
    expect(seen.better).toEqual(whyNot("webgpu", /^the only GPU is swiftshader.*, a program on the CPU$/));
  });

  test("has a driver that crashes keeps libtensorflow, and says so in one line", () => {
    const seen = use("auto", broken);
    expect(seen).toMatchObject({ status: 0, name: "tensorflow", sum: 42_000 });
    expect(seen.stderr).toMatch(/^bestrq: computing on the CPU: the GPU's driver is broken: SIG\w+\n$/);
    expect(use("webgpu", broken).error).toMatch(
      /^Cannot use the backend "webgpu": the GPU's driver is broken: SIG\w+; the backend "wasm" works without$/,
    );
  });

  // Where the system has a loader, Vulkan cannot be lacking.
  const system = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"];
  const hasVulkan = system.some((folder) => existsSync(join(folder, "libvulkan.so.1")));
  const lacks: [string, Record<string, string>, RegExp][] = [
    ["has no driver", { VK_ICD_FILENAMES: join(folder, "nothing.json") }, /^no driver on this machine offers a GPU$/],
    ["lacks Dawn", { BESTRQ_WEBGPU: folder }, /^Cannot find Dawn: the npm package "webgpu" must be in/],
  ];
  if (!hasVulkan) lacks.push(["lacks Vulkan", { LD_LIBRARY_PATH: "" }, /^Vulkan is missing \(libvulkan\.so\.1: /]);

  test.each(lacks)("%s keeps libtensorflow, and the status says what is missing", (_, env, reason) => {
    const seen = use("auto", { ...shader, ...env });
    expect(seen).toMatchObject({ status: 0, name: "tensorflow", sum: 42_000, stderr: "" });
    expect(seen.better).toContainEqual(
      expect.objectContaining({ name: "webgpu", reason: expect.stringMatching(reason) }),
    );
    const { error } = use("webgpu", { ...shader, ...env });
    expect(error).toContain("works without");
    if ("BESTRQ_WEBGPU" in env) expect(error).toContain("npm start -- --add webgpu adds it");
  });
});
