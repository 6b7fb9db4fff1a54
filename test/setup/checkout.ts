import { spawn } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Stands in for npm, python3 and pip: does as little as they must, notes each call, and fails where FAIL says so. */
const npm = `#!/bin/sh
echo "npm $*" >> "$CALLS"
if [ "$FAIL" = npm ]; then echo "npm error code ENOTFOUND" >&2; exit 1; fi
case "$1" in
  ci) mkdir -p node_modules && cp package-lock.json node_modules/.package-lock.json ;;
  run) mkdir -p kernel/dist extension/labextension && echo 0 > kernel/dist/cli.js && echo "{}" > extension/labextension/package.json ;;
esac
`;
const python = `#!/bin/sh
case "$*" in
  *"import json, sys"*) echo "$PROBE"; exit ;;
  "-c "*) exit ;;
esac
echo "python $*" >> "$CALLS"
case "$*" in
  "-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
  *"pip install"*)
    if [ "$FAIL" = pip ]; then echo "ERROR: Connection refused" >&2; exit 1; fi
    if [ "$FAIL" = hang ]; then echo hanging; exec sleep 30; fi ;;
  *"pip download"*) if [ "$FAIL" = tensorflow ]; then echo "ERROR: No space left on device" >&2; exit 1; fi ;;
  *unpack_libraries.py*) mkdir -p "$3/lib" && echo library > "$3/lib/libtensorflow_cc.so.2" ;;
  *check_requirements.py*) exit 1 ;;
esac
`;

const lock = {
  packages: {
    "": {},
    "node_modules/one": { version: "1.0.0" },
    "node_modules/other-platform": { version: "1.0.0", optional: true },
  },
};

export interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
  /** What npm and Python were asked to do, in order. */
  calls: string[];
}

/** A checkout of its own, with spaces in its path, in which nothing is installed and nothing real will be. */
export class Checkout {
  readonly path: string;
  private readonly bin: string;

  constructor() {
    // Beside the real one rather than in /tmp, which may be too small for what the set-up asks for.
    mkdirSync(join(root, ".cache"), { recursive: true });
    this.path = mkdtempSync(join(root, ".cache", "a new checkout "));
    this.bin = join(this.path, "bin");
    cpSync(join(root, "kernel", "setup"), join(this.path, "kernel", "setup"), { recursive: true });
    this.write("package.json", "{}");
    this.write("package-lock.json", JSON.stringify(lock));
    this.write("extension/package.json", "{}");
    this.program("npm", npm);
    this.program("python3", python);
    this.program("apt-get", "#!/bin/sh\n");
    for (const tool of ["mkdir", "cp", "sleep"]) this.program(tool, `#!/bin/sh\nexec /bin/${tool} "$@"\n`);
  }

  write(name: string, text: string): void {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  read(name: string): string {
    return readFileSync(join(this.path, name), "utf8");
  }

  program(name: string, text: string): void {
    this.write(join("bin", name), text);
    chmodSync(join(this.bin, name), 0o755);
  }

  /** `npm start -- --setup-only`, or other arguments, seeing only the stand-ins. `FAIL=hang` is killed once pip hangs. */
  async setUp(env: Record<string, string> = {}, args = ["--setup-only"]): Promise<Result> {
    const calls = join(this.path, "calls");
    writeFileSync(calls, "");
    const PROBE = JSON.stringify({ version: "3.11.2", old: false, missing: [] });
    const child = spawn(process.execPath, [join(this.path, "kernel/setup/start.mjs"), ...args], {
      env: { PATH: this.bin, CALLS: calls, PROBE, BESTRQ_WEBGPU: "whatever GPU this machine has", ...env },
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      stderr += text;
    });
    const look = setInterval(() => {
      if (env.FAIL === "hang" && readFileSync(calls, "utf8").includes("pip install")) child.kill("SIGTERM");
    }, 50);
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    clearInterval(look);
    return { code, stdout, stderr, calls: readFileSync(calls, "utf8").split("\n").filter(Boolean) };
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
