// Builds kernel/dist: the selective scan from AssemblyScript to WebAssembly, everything else from TypeScript.
import { execFileSync } from "node:child_process";
import { readdirSync, rmdirSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const kernel = join(dirname(fileURLToPath(import.meta.url)), "..");
const { resolve } = createRequire(import.meta.url);
const began = Date.now();

run(join(dirname(resolve("assemblyscript/package.json")), "bin", "asc.js"), [
  "src/tensor/scan/scan.as.ts",
  "--outFile=dist/tensor/scan/scan.wasm",
  "-O3",
  "--enable=simd",
  "--enable=threads",
  "--importMemory",
  "--sharedMemory",
  "--initialMemory=1",
  "--maximumMemory=65536",
  "--noExportMemory",
  "--runtime=stub",
  "--disableWarning=112", // of vectors as arguments, for callers that are not WebAssembly
]);
// By its full path: another package's older tsc may be what node_modules/.bin holds.
run(resolve("typescript/bin/tsc"), ["-p", "."]);
removeStale(join(kernel, "dist"));

function run(program, options) {
  try {
    execFileSync(process.execPath, [program, ...options], { cwd: kernel, stdio: "inherit" });
  } catch (error) {
    process.exit(error.status ?? 1); // it has said what was wrong
  }
}

/** What this build has not written comes from sources that are gone. Removed last, so that a running kernel misses nothing. */
function removeStale(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) removeStale(path);
    else if (statSync(path).mtimeMs < began) rmSync(path);
  }
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}
