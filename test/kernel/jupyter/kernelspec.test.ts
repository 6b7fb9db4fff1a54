import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cli } from "./client";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bestrq-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the command. */
async function bestrq(...args: string[]): Promise<{ stdout: string; stderr: string; code: number }> {
  const env = { ...process.env, JUPYTER_DATA_DIR: join(folder, "user") };
  const run = promisify(execFile)(process.execPath, [cli, ...args], { timeout: 20_000, env });
  return run.then(
    (output) => ({ ...output, code: 0 }),
    (error) => ({ stdout: error.stdout, stderr: error.stderr, code: error.code }),
  );
}

describe("bestrq install", () => {
  test("--prefix writes a kernelspec with absolute paths and a logo", async () => {
    const { stdout } = await bestrq("install", "--prefix", folder);
    expect(stdout.trim()).toBe(join(folder, "share/jupyter/kernels/bestrq"));
    const spec = JSON.parse(readFileSync(join(stdout.trim(), "kernel.json"), "utf8"));
    expect(spec).toMatchObject({
      display_name: "TypeScript (BEST-RQ)",
      language: "typescript",
      interrupt_mode: "message",
    });
    const [node, program, ...rest] = spec.argv;
    expect(rest).toEqual(["kernel", "{connection_file}"]);
    expect([node, program].every((path) => isAbsolute(path) && existsSync(path))).toBe(true);
    expect(readFileSync(join(stdout.trim(), "logo-svg.svg"), "utf8")).toContain("<svg");
  });

  test("--sys-prefix installs where that Python looks for kernels", async () => {
    // Stands in for a Python, so that no real environment is written to.
    const python = join(folder, "python");
    writeFileSync(python, `#!/bin/sh\necho "${folder}/environment"\n`, { mode: 0o755 });
    await bestrq("install", "--sys-prefix", python);
    expect(existsSync(join(folder, "environment/share/jupyter/kernels/bestrq/kernel.json"))).toBe(true);
  });

  test("installs for the user where nothing is said, or --user; --remove removes that", async () => {
    const where = join(folder, "user/kernels/bestrq");
    for (const place of [[], ["--user"]]) {
      expect((await bestrq("install", ...place)).stdout.trim()).toBe(where);
      expect(existsSync(join(where, "kernel.json"))).toBe(true);
      expect((await bestrq("install", ...place, "--remove")).stdout.trim()).toBe(where);
      expect(existsSync(where)).toBe(false);
    }
    const { code, stderr } = await bestrq("install", "--remove");
    expect([code, stderr.trim()]).toEqual([1, `Cannot remove the kernel: there is none in ${where}`]);
  });

  test("refuses two places, and a Python that is none", async () => {
    const two = await bestrq("install", "--prefix", folder, "--sys-prefix", "python3");
    const rule = "Cannot choose a place for the kernel: give one, got --prefix, --sys-prefix";
    expect([two.code, two.stderr.trim()]).toEqual([1, rule]);
    const none = await bestrq("install", "--sys-prefix", join(folder, "no python"));
    expect(none.code).toBe(1);
    expect(none.stderr).toContain("Cannot find the prefix of");
  });
});

describe("bestrq kernel refuses a connection file", () => {
  const ports = { shell_port: 1, iopub_port: 2, stdin_port: 3, control_port: 4, hb_port: 5 };
  const safe = { transport: "tcp", ip: "127.0.0.1", key: "k", signature_scheme: "hmac-sha256", ...ports };

  test.each([
    ["that listens to other machines", { ip: "0.0.0.0" }, "loopback"],
    ["with an outside address", { ip: "192.0.2.7" }, "loopback"],
    ["with a name that may resolve to anything", { ip: "127.0.0.1.example.org" }, "loopback"],
    ["without a key", { key: "" }, "key"],
    ["with another signature scheme", { signature_scheme: "hmac-md5" }, "hmac-sha256"],
    ["with another transport", { transport: "pgm" }, "transport"],
    ["without a port", { hb_port: undefined }, "hb_port"],
  ])("%s", async (_, unsafe, rule) => {
    const file = join(folder, "connection.json");
    writeFileSync(file, JSON.stringify({ ...safe, ...unsafe }));
    const { code, stderr } = await bestrq("kernel", file);
    expect(code).toBe(1);
    expect(stderr).toContain("Cannot use the connection file");
    expect(stderr).toContain(rule);
  });
});

describe("bestrq", () => {
  test("--help names the commands", async () => {
    const { stdout, code } = await bestrq("--help");
    expect(code).toBe(0);
    for (const command of ["install", "kernel", "doctor"]) expect(stdout).toContain(`bestrq ${command}`);
  });

  test("--help of a command is about it alone, and does nothing else", async () => {
    const { stdout, code } = await bestrq("sweep", "nowhere", "-h", "--", "--steps", "3");
    expect(code).toBe(0);
    expect(stdout).toContain("bestrq sweep DIR");
    expect(stdout).not.toContain("bestrq train");
    const other = await bestrq("figures", "--", "--help"); // not ours
    expect([other.code, other.stdout]).toEqual([1, ""]);
  });

  test("says so when there is no such command", async () => {
    const { code, stderr } = await bestrq("constructor");
    expect([code, stderr.trim()]).toEqual([1, "Cannot run constructor: there is no such command. See bestrq --help"]);
  });

  test("doctor --json prints a finding a line, with a remedy for what is missing", async () => {
    const { stdout } = await bestrq("doctor", "--json");
    const findings = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(findings.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["Node", "memory", "NVIDIA GPU", "tensorflow backend", "webgpu backend", "wasm backend"]),
    );
    expect(findings.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['backend "auto"', "JupyterLab", "kernelspec"]),
    );
    expect(findings.find(({ name }) => name === "wasm backend")).toMatchObject({ found: true });
    expect(findings.find(({ name }) => name === "Node")).toMatchObject({ found: true, detail: process.version });
  });
});
