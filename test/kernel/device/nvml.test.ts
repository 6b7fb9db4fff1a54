import { Nvml } from "bestrq/device/nvml/library";
import { NvmlProbe } from "bestrq/device/nvml/probe";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { buildStub, twoCards } from "./stub";

const stub = await buildStub();
afterAll(() => stub.remove());
beforeEach(() => stub.answer(twoCards(42)));

const GiB = 2 ** 30;
const probing = (isContained = false) => new NvmlProbe({ open: () => Nvml.open(stub.nvml), pid: 42, isContained });

describe("NvmlProbe", () => {
  test("measures each card and each MIG device, and this process on them", async () => {
    const probe = probing();
    expect(await probe.sample()).toEqual({
      "gpu0.used": 7 * GiB,
      "gpu0.process": 5 * GiB,
      "gpu0.others": 2 * GiB,
      "gpu1.used": 3 * GiB,
      "gpu1.mig0.used": 2 * GiB,
      "gpu1.mig0.process": GiB,
      "gpu1.mig2.used": GiB,
      "gpu1.mig2.process": 0,
    });
    expect(Object.fromEntries(probe.series.map(({ name, limit }) => [name, limit]))).toMatchObject({
      "gpu0.used": 40 * GiB,
      "gpu0.process": undefined,
      "gpu1.mig0.used": 40 * GiB,
      "gpu1.mig2.used": 10 * GiB,
    });
    const { label, what, resolution, group } = probe.series.find(({ name }) => name === "gpu1.mig2.used")!;
    expect(label).toBe("GPU 1, MIG 2 (NVIDIA A100-SXM4-80GB MIG 1g.10gb): in use");
    expect(what).toBe("Memory in use on the card by all processes, without what the driver keeps for itself (NVML)");
    expect(resolution).toMatch(/up to 2 MiB/);
    expect(group).toBe("device");
    expect(probe.notes).toEqual([
      'GPU 1 (NVIDIA A100-SXM4-80GB): the driver does not tell its processes ("Insufficient Permissions")',
    ]);
  });

  test.each([
    ["the newest", { process_bytes: 24 }],
    ["the first drivers 535", { process_bytes: 32 }],
    ["drivers of 2021", { processes_version: 2, memory_version: 1 }],
    ["drivers before MIG", { processes_version: 1, memory_version: 1 }],
  ])("reads the structures of %s", async (_, version) => {
    stub.answer({ ...twoCards(42), ...version });
    const values = await probing().sample();
    expect(values).toMatchObject({ "gpu0.process": 5 * GiB, "gpu0.others": 2 * GiB, "gpu1.mig0.process": GiB });
    const reserve = "memory_version" in version ? 611 * 2 ** 20 : 0; // the older function counts it in
    expect(values["gpu0.used"]).toBe(7 * GiB + reserve);
  });

  test("takes a list of any length", async () => {
    stub.answer({ ...twoCards(42), "gpu0.processes": 131, "gpu0.process130.pid": 42, "gpu0.process130.bytes": 11 });
    const values = await probing().sample();
    expect(values["gpu0.process"]).toBe(5 * GiB + 11);
    expect(values["gpu0.others"]).toBeUndefined();
  });

  test("a card that is lost ends its own series, once told; the others go on", async () => {
    const probe = probing();
    await probe.sample();
    stub.answer({ ...twoCards(42), "gpu0.status": 15 });
    for (let i = 0; i < 3; i++) {
      const values = await probe.sample();
      expect(Object.keys(values).filter((name) => name.startsWith("gpu0"))).toEqual([]);
      expect(values["gpu1.used"]).toBe(3 * GiB);
    }
    stub.answer(twoCards(42));
    expect((await probe.sample())["gpu0.used"]).toBeUndefined(); // a card that comes back is another one
    expect(probe.notes.filter((note) => note.includes("GPU 0"))).toEqual([
      'GPU 0 (NVIDIA A100-SXM4-40GB) is gone ("GPU is lost"): its series end here',
    ]);
  });

  test("a refusal is told once and takes nothing else away; what passes is tried again", async () => {
    stub.answer({ ...twoCards(42), "gpu0.memory_status": 4, "gpu1.memory_status": 10, "gpu1.mig0.memory_status": 3 });
    const probe = probing();
    for (let i = 0; i < 3; i++) {
      const values = await probe.sample();
      expect(values).toMatchObject({ "gpu0.process": 5 * GiB, "gpu1.mig0.process": GiB });
      expect(Object.keys(values).filter((name) => name.endsWith("used"))).toEqual(["gpu1.mig2.used"]);
    }
    stub.answer(twoCards(42));
    const values = await probe.sample();
    expect(values["gpu1.used"]).toBe(3 * GiB); // a timeout
    expect(values["gpu0.used"]).toBeUndefined(); // a permission
    expect(probe.notes).toHaveLength(4);
  });

  test("in a container, a process that is not on the list has an unknown share, not none", async () => {
    stub.answer({ ...twoCards(42), "gpu0.process1.pid": 43 });
    const contained = probing(true);
    expect(Object.keys(await contained.sample())).not.toContain("gpu0.process");
    expect(contained.notes).toContainEqual(expect.stringMatching(/container/));
    expect((await probing(false).sample())["gpu0.process"]).toBe(0);
  });

  test.each([
    ["a driver that is not loaded", { init: 9 }, 'No NVIDIA card is sampled: NVML says "Driver Not Loaded"'],
    ["no cards", { count: 0 }, "No NVIDIA card is sampled: NVML shows none to this user"],
    [
      "cards of others",
      { count: 1, "gpu0.handle_status": 4 },
      "No NVIDIA card is sampled: NVML shows none to this user",
    ],
  ])("says so once where there is %s", async (_, answers, note) => {
    stub.answer(answers);
    const probe = probing();
    expect([await probe.sample(), await probe.sample()]).toEqual([{}, {}]);
    expect(probe.notes).toEqual([note]);
    expect(await probe.isMissing()).toBe(false);
  });

  test("knows that there is no library", async () => {
    const probe = new NvmlProbe({ open: () => Nvml.open("libnvidia-ml-that-is-not-there.so.1") });
    expect([await probe.sample(), probe.notes, await probe.isMissing()]).toEqual([{}, [], true]);
  });

  test("a driver that hangs does not hold up the thread that asks", async () => {
    stub.answer({ ...twoCards(42), "gpu0.hang": 1 });
    const sample = probing().sample();
    for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setTimeout(resolve, 5));
    stub.answer(twoCards(42)); // only now
    expect(await sample).toMatchObject({ "gpu0.used": 7 * GiB });
  });
});
