import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Checkout } from "./checkout";

let checkout: Checkout;
beforeEach(() => {
  checkout = new Checkout();
});
afterEach(() => checkout.remove());

const lines = (text: string) => text.trim().split("\n");

describe("npm start on a machine that lacks something says so in one line", () => {
  const cases: [string, Record<string, unknown>, string][] = [
    ["Python without venv", { version: "3.11.2", old: false, missing: ["ensurepip"] }, "apt install python3.11-venv"],
    ["Python that is too old", { version: "3.9.2", old: true, missing: [] }, "Python must be 3.10 or newer, got 3.9.2"],
  ];
  test.each(cases)("%s", async (_, probe, wanted) => {
    const { code, stderr, calls } = await checkout.setUp({ PROBE: JSON.stringify(probe) });
    expect(lines(stderr)).toHaveLength(1);
    expect(stderr).toContain(wanted);
    expect(stderr).toContain("run `npm start` again");
    expect(code).toBe(1);
    expect(calls).toEqual([]); // before anything is fetched
  });

  test("no Python at all", async () => {
    rmSync(join(checkout.path, "bin", "python3"));
    const { code, stderr } = await checkout.setUp();
    expect(lines(stderr)).toHaveLength(1);
    expect(stderr).toContain("Python 3.10 or newer is not on the PATH");
    expect(code).toBe(1);
  });

  test("no network", async () => {
    const { code, stderr } = await checkout.setUp({ FAIL: "npm" });
    expect(lines(stderr)).toHaveLength(1);
    expect(stderr).toContain("Cannot install the npm packages: the network did not answer");
    expect(stderr).toContain(".cache/setup/npm.log");
    expect(checkout.read(".cache/setup/npm.log")).toContain("ENOTFOUND");
    expect(code).toBe(1);
  });
});

describe("npm start", () => {
  test("does each step once, and a second time nothing", async () => {
    const first = await checkout.setUp();
    expect(first.stderr).toBe("");
    expect(first.code).toBe(0);
    expect(
      first.calls.filter((call) => /npm ci|npm run build|-m venv|pip install|pip download|unpack/.test(call)),
    ).toHaveLength(6);
    const second = await checkout.setUp();
    expect(second.calls).toEqual([]);
    expect(second.stdout.match(/up to date/g)).toHaveLength(5);
  });

  test("builds again when a source has changed, and only that", async () => {
    await checkout.setUp();
    checkout.write("kernel/src/index.ts", "export {};");
    const { calls } = await checkout.setUp();
    expect(calls).toEqual(["npm run build"]);
  });

  test.each(["npm", "pip", "hang"])("starts over after %s was cut short", async (FAIL) => {
    const cut = await checkout.setUp({ FAIL });
    expect(cut.code).toBe(FAIL === "hang" ? 143 : 1);
    const next = await checkout.setUp();
    expect(next.stderr).toBe("");
    expect(next.code).toBe(0);
    expect(next.calls.some((call) => call.includes("pip install"))).toBe(true);
    expect(existsSync(join(checkout.path, ".cache/setup/lock"))).toBe(false);
  });

  test("goes on without libtensorflow, leaves nothing of it, and fetches it the next time", async () => {
    const without = await checkout.setUp({ FAIL: "tensorflow" });
    expect(without.code).toBe(0);
    expect(without.stdout).toContain("cells run on the slower wasm backend");
    expect(without.stdout).toContain("the disk is full");
    expect(existsSync(join(checkout.path, ".tensorflow"))).toBe(false);
    expect(existsSync(join(checkout.path, ".cache/setup/tensorflow"))).toBe(false);
    await checkout.setUp();
    expect(existsSync(join(checkout.path, ".tensorflow/lib/libtensorflow_cc.so.2"))).toBe(true);
  });

  test("twice at the same time does each step once", async () => {
    const both = await Promise.all([checkout.setUp(), checkout.setUp()]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(checkout.read("calls").match(/npm ci/g)).toHaveLength(1);
  });

  test("--add webgpu fetches Dawn, once, and keeps it up to date from then on", async () => {
    const add = () => checkout.setUp({ BESTRQ_WEBGPU: "" }, ["--add", "webgpu"]);
    const first = await add();
    expect({ code: first.code, stderr: first.stderr }).toEqual({ code: 0, stderr: "" });
    expect(first.calls.filter((call) => call.startsWith("npm ci --prefix"))).toHaveLength(1);
    expect(existsSync(join(checkout.path, ".webgpu/made-from"))).toBe(true);
    expect((await add()).calls).toEqual([]);
    checkout.write("kernel/setup/webgpu/package.json", "{}"); // another version
    const { calls } = await checkout.setUp({ BESTRQ_WEBGPU: "" });
    expect(calls.filter((call) => call.startsWith("npm ci --prefix"))).toHaveLength(1);
  });

  test("--add refuses what it does not know", async () => {
    const { code, stderr, calls } = await checkout.setUp({}, ["--add", "cuda"]);
    expect({ code, stderr, calls }).toEqual({
      code: 1,
      stderr: "Cannot add cuda: only webgpu can be added\n",
      calls: [],
    });
  });
});
