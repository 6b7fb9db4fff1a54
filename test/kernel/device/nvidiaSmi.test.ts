import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { parseCards, parseProcesses } from "bestrq/device/nvidiaSmi/parse";
import { NvidiaSmiProbe } from "bestrq/device/nvidiaSmi/probe";
import { Random } from "bestrq/tensor/random";
import { describe, expect, test, vi } from "vitest";

const MiB = 2 ** 20;
const [first, second] = ["GPU-5a1a3b0e-9ed6-7fd1-2b4e-0f6a1f6c7d11", "GPU-c8f1e2d3-4b5a-6978-8796-a5b4c3d2e1f0"];

/** What nvidia-smi 535 says of two A100, the second cut into parts, to a user who may not ask for everything. */
const cards = `0, ${first}, NVIDIA A100-SXM4-40GB, 7168, 40960, Disabled
1, ${second}, NVIDIA A100-SXM4-80GB, [Insufficient Permissions], 81920, Enabled
`;
const processes = `7, ${first}, 2048
42, ${first}, 5120
42, MIG-1e6b2f7c-3d4a-5b6c-8d7e-9f0a1b2c3d4e, [N/A]
`;

const probing = (answers: { cards: string; processes: string }) =>
  new NvidiaSmiProbe({
    pid: 42,
    run: async (query) => (query.startsWith("--query-gpu") ? answers.cards : answers.processes),
  });
/** Samples again after the second that lies between two. */
let ahead = 0;
const later = (probe: NvidiaSmiProbe) => {
  ahead += 5000;
  const clock = vi.spyOn(performance, "now").mockReturnValue(performance.now() + ahead);
  return probe.sample().finally(() => clock.mockRestore());
};

describe("nvidia-smi", () => {
  test("is read with what it does not tell", () => {
    expect(parseCards(cards)).toEqual([
      { index: 0, uuid: first, name: "NVIDIA A100-SXM4-40GB", usedMiB: 7168, totalMiB: 40960, isMig: false },
      { index: 1, uuid: second, name: "NVIDIA A100-SXM4-80GB", usedMiB: undefined, totalMiB: 81920, isMig: true },
    ]);
    expect(parseProcesses(processes)).toEqual([
      { pid: 7, uuid: first, usedMiB: 2048 },
      { pid: 42, uuid: first, usedMiB: 5120 },
      { pid: 42, uuid: "MIG-1e6b2f7c-3d4a-5b6c-8d7e-9f0a1b2c3d4e", usedMiB: undefined },
    ]);
  });

  test.each([
    "",
    "No devices were found\n",
    "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n",
    `0, ${first}, [Unknown Error], [GPU is lost], [GPU is lost]\n`,
    "[N/A], [N/A], [N/A], [N/A], [N/A], [N/A]\n",
  ])("knows no card in %j", (text) => {
    expect(parseCards(text)).toEqual([]);
    expect(parseProcesses(text)).toEqual([]);
  });

  test("is read whatever it says", () => {
    const seed = Number(process.env.SMI_SEED ?? Math.floor(Math.random() * 1e6));
    console.log(`SMI_SEED=${seed}`);
    const random = new Random(seed);
    const pieces = [
      ",",
      ", ",
      "\n",
      "\r\n",
      "[N/A]",
      "GPU-1",
      "MIG-2",
      "0",
      "-1",
      "1e400",
      "9".repeat(40),
      "é",
      "\0",
      " ",
      "",
    ];
    for (let round = 0; round < 2000; round++) {
      const text = Array.from({ length: random.integer(40) }, () => pieces[random.integer(pieces.length)]).join("");
      for (const { index, usedMiB, totalMiB } of parseCards(text)) {
        for (const value of [index, usedMiB ?? 0, totalMiB ?? 0]) expect(Number.isSafeInteger(value)).toBe(true);
      }
      for (const { pid, usedMiB } of parseProcesses(text)) {
        for (const value of [pid, usedMiB ?? 0]) expect(Number.isSafeInteger(value)).toBe(true);
      }
    }
  });
});

describe("NvidiaSmiProbe", () => {
  test("measures cards and this process on them, and tells what is not told", async () => {
    const probe = probing({ cards, processes });
    expect(await probe.sample()).toEqual({ "gpu0.used": 7168 * MiB, "gpu0.process": 5120 * MiB });
    expect(probe.series.map(({ name, limit }) => [name, limit])).toEqual([
      ["gpu0.used", 40960 * MiB],
      ["gpu0.process", undefined],
    ]);
    expect(probe.notes).toEqual([
      "GPU 1 (NVIDIA A100-SXM4-80GB): nvidia-smi does not tell how much memory is in use",
      "GPU 1 (NVIDIA A100-SXM4-80GB) is cut into parts (MIG): nvidia-smi tells of the whole card, NVML would of each",
    ]);
    expect(await probe.sample()).toEqual({}); // once a second
    expect(await later(probe)).toEqual({ "gpu0.used": 7168 * MiB, "gpu0.process": 5120 * MiB });
    expect(probe.notes).toHaveLength(2);
  });

  test("a card that vanishes is told once, and what was used by a process that has ended is 0", async () => {
    const answers = { cards, processes };
    const probe = probing(answers);
    await probe.sample();
    answers.cards = cards.split("\n").slice(1).join("\n");
    expect(await later(probe)).toEqual({});
    expect(await later(probe)).toEqual({});
    expect(probe.notes.filter((note) => note.includes("lost"))).toEqual([
      "GPU 0 (NVIDIA A100-SXM4-40GB): in use: nvidia-smi has lost the card",
    ]);
    Object.assign(answers, { cards, processes: "" });
    expect(await later(probe)).toEqual({ "gpu0.used": 7168 * MiB, "gpu0.process": 0 });
  });

  test("runs the program that is on the PATH, and tells once how it failed", async () => {
    const folder = mkdtempSync(join(tmpdir(), "bestrq-smi-"));
    const before = process.env.PATH;
    const program = (script: string) => {
      writeFileSync(join(folder, "nvidia-smi"), `#!/bin/sh\n${script}\n`);
      chmodSync(join(folder, "nvidia-smi"), 0o755);
    };
    try {
      process.env.PATH = folder;
      const without = new NvidiaSmiProbe();
      expect([await without.sample(), await later(without)]).toEqual([{}, {}]);
      expect(without.notes).toEqual([
        "No NVIDIA card is sampled: neither libnvidia-ml.so.1 nor the program nvidia-smi is there",
      ]);
      process.env.PATH = `${folder}${delimiter}${before}`;
      program(`case "$1" in --query-gpu*) printf '%s' '${cards}';; esac`);
      const probe = new NvidiaSmiProbe();
      expect(await probe.sample()).toEqual({ "gpu0.used": 7168 * MiB });
      program("echo 'Unable to determine the device handle for GPU: GPU is lost'; exit 15");
      expect([await later(probe), await later(probe)]).toEqual([{}, {}]);
      expect(probe.notes.at(-1)).toBe(
        "NVIDIA cards are not sampled any more: nvidia-smi ends with code 15: Unable to determine the device handle for GPU: GPU is lost",
      );
    } finally {
      process.env.PATH = before;
      rmSync(folder, { recursive: true });
    }
  });
});
