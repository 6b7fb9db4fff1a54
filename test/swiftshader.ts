// SwiftShader, a GPU in software that comes with every Chromium: on it the backend "webgpu" is tested on any machine.
import { existsSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { chromium } from "playwright-core";
import { root } from "./kernel/imports";

/** Environment of a process in which Vulkan has SwiftShader and nothing else; undefined where there is none. */
export const swiftShader = find();

function find(): { VK_ICD_FILENAMES: string; LD_LIBRARY_PATH: string } | undefined {
  const programs = [process.env.BESTRQ_CHROMIUM, chromium.executablePath()].filter((path) => path && existsSync(path));
  const beside = programs.map((path) => dirname(realpathSync(path as string)));
  const folders = [...beside, "/usr/lib/chromium", "/usr/lib/chromium-browser", "/opt/google/chrome"];
  const folder = folders.find((each) => existsSync(join(each, "vk_swiftshader_icd.json")));
  return folder ? { VK_ICD_FILENAMES: join(folder, "vk_swiftshader_icd.json"), LD_LIBRARY_PATH: folder } : undefined;
}

const lacking = !existsSync(join(root, ".webgpu", "node_modules", "webgpu"))
  ? "Dawn is missing; npm start -- --add webgpu adds it"
  : process.platform === "linux" && !swiftShader
    ? "SwiftShader is missing; sudo apt install chromium adds it"
    : undefined;
// Where `npm test` could have added it, its lack is a failure: of every test that wants it.
const mayLack = !process.env.CI && process.getuid?.() !== 0;
if (lacking && mayLack) console.log(`The backend webgpu is not tested: ${lacking}`);

/** Libraries that stay open: koffi closes one that nothing refers to, at the next garbage collection. */
const held: unknown[] = [];

/** What is missing for tests of "webgpu", where they may be left out for it. */
export const lackOfSwiftShader = mayLack ? lacking : undefined;

/**
 * Lets this process, and those that it starts, use WebGPU on SwiftShader; elsewhere than on Linux on the machine's GPU.
 *
 * @throws Error if something is missing
 */
export function useSwiftShader(): void {
  if (lacking) throw new Error(`Cannot test the backend webgpu: ${lacking}`);
  if (!swiftShader) return;
  Object.assign(process.env, swiftShader); // for the processes that this one starts
  const koffi = createRequire(join(root, "kernel", "package.json"))("koffi");
  const setenv = koffi.load("libc.so.6").func("int setenv(const char *name, const char *value, int overwrite)");
  setenv("VK_ICD_FILENAMES", swiftShader.VK_ICD_FILENAMES, 1); // vitest's process.env is not the process's own
  // Vulkan's loader by its path: a running process does not look at LD_LIBRARY_PATH again.
  const loader = join(swiftShader.LD_LIBRARY_PATH, "libvulkan.so.1");
  if (existsSync(loader)) held.push(koffi.load(loader));
}
