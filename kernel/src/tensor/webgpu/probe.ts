// Tries Dawn and the GPU's driver in a process of its own: a driver that crashes, or never answers, takes only that along.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { addVulkan } from "../backend/machine";
import { Unusable } from "../backend/unusable";
import { locateDawn } from "./dawn";

/** The GPU that WebGPU has. */
export interface Gpu {
  readonly name: string;
  /** Whether the "GPU" is a program on the CPU: slower than the other backends, good for tests. */
  readonly software: boolean;
}

/** The command that adds Dawn to the checkout. */
const addDawn = "npm start -- --add webgpu";

/** Runs in the other process: opens the GPU and lets it double a number. */
const script = `
const { create, globals } = await import(process.argv[1]);
const gpu = create([]);
const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
const told = (object) => process.stdout.write(JSON.stringify(object));
if (!adapter) told({ none: true });
else {
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  const gpuDevice = await adapter.requestDevice();
  const { GPUBufferUsage: usage, GPUMapMode: mode } = globals;
  const code = "@group(0) @binding(0) var<storage, read_write> x : array<f32>;" +
    "@compute @workgroup_size(1) fn main() { x[0] = x[0] * 2.0; }";
  const compute = { module: gpuDevice.createShaderModule({ code }), entryPoint: "main" };
  const pipeline = gpuDevice.createComputePipeline({ layout: "auto", compute });
  const buffer = gpuDevice.createBuffer({ size: 4, usage: usage.STORAGE | usage.COPY_SRC | usage.COPY_DST });
  const result = gpuDevice.createBuffer({ size: 4, usage: usage.MAP_READ | usage.COPY_DST });
  gpuDevice.queue.writeBuffer(buffer, 0, new Float32Array([21]));
  const encoder = gpuDevice.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  const entries = [{ binding: 0, resource: { buffer } }];
  pass.setBindGroup(0, gpuDevice.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  pass.dispatchWorkgroups(1);
  pass.end();
  encoder.copyBufferToBuffer(buffer, 0, result, 0, 4);
  gpuDevice.queue.submit([encoder.finish()]);
  await result.mapAsync(mode.READ);
  const [doubled] = new Float32Array(result.getMappedRange());
  told({ vendor, architecture, device, description, isFallbackAdapter, doubled });
}`;

let probed: Promise<Gpu> | undefined;

/**
 * Finds out whether WebGPU works here, once.
 *
 * @throws Unusable if it does not: Dawn or Vulkan is missing, there is no GPU, or its driver is broken.
 */
export function probe(): Promise<Gpu> {
  probed ??= run();
  probed.catch(() => {
    probed = undefined; // someone may put it right
  });
  return probed;
}

async function run(): Promise<Gpu> {
  let dawn: string;
  try {
    dawn = join(locateDawn(), "index.js");
  } catch (error) {
    throw new Unusable((error as Error).message, { command: addDawn, cause: error });
  }
  const { stdout, stderr, ended } = await inProcess(pathToFileURL(dawn).href);
  if (ended) throw broken(ended);
  const found = JSON.parse(stdout);
  const noVulkan = /Couldn't load Vulkan: (.*)/.exec(stderr)?.[1];
  if (found.none && noVulkan) throw new Unusable(`Vulkan is missing (${noVulkan})`, { command: addVulkan() });
  if (found.none) throw new Unusable("no driver on this machine offers a GPU", { command: addVulkan() });
  if (found.doubled !== 42) throw broken(`2 · 21 is ${found.doubled} on ${found.device}`);
  const name = found.device || found.description || `${found.vendor} ${found.architecture}`;
  return { name, software: found.isFallbackAdapter || /swiftshader|llvmpipe|basic render/i.test(name) };
}

const broken = (how: string) => new Unusable(`the GPU's driver is broken: ${how}`, { broken: true });

function inProcess(dawn: string): Promise<{ stdout: string; stderr: string; ended?: string }> {
  return new Promise((resolve) => {
    const args = ["--input-type=module", "-e", script, dawn];
    execFile(process.execPath, args, { timeout: 20_000, killSignal: "SIGKILL" }, (error, stdout, stderr) => {
      const lastLine = stderr.trim().split("\n").at(-1);
      const how = error?.killed ? "it does not answer" : (error?.signal ?? lastLine);
      resolve({ stdout, stderr, ended: error ? String(how) : undefined });
    });
  });
}
