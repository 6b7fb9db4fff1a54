import { casesOf, parseBench, settingsOf } from "bestrq/bench/options";
import { afterEach, expect, test, vi } from "vitest";

afterEach(() => vi.unstubAllEnvs());

test("parseBench: lists take several values, everything else one", () => {
  const { what, settings, json, profile, out } = parseBench(
    "train --mixers mhsa mamba --seconds 10 0.5 --size tiny --batch 2 --threads 3 --repeat 5 --json --out none".split(
      " ",
    ),
  );
  expect({ what, json, profile, out }).toEqual({ what: "train", json: true, profile: false, out: "none" });
  expect(settings).toMatchObject({ mixers: ["mhsa", "mamba"], seconds: [10, 0.5], size: "tiny", batch: 2, threads: 3 });
  expect(casesOf("train", settings).map(({ seconds, mixer }) => `${seconds} ${mixer}`)).toEqual([
    "10 mhsa",
    "10 mamba",
    "0.5 mhsa",
    "0.5 mamba",
  ]);
});

test("parseBench: without arguments, the forward pass of five base models at 10, 40 and 80 s", () => {
  vi.stubEnv("BESTRQ_THREADS", "7");
  const { what, settings } = parseBench([]);
  expect(what).toBe("forward");
  expect(settings).toMatchObject({ size: "base", seconds: [10, 40, 80], batch: 1, threads: 7, repeat: 3, rounds: 1 });
  expect(settings.mixers).toHaveLength(5);
});

test("parseBench: beside a peer, two processes each take turns", () => {
  expect(parseBench(["--peer", "python3 baseline.py"]).settings).toMatchObject({
    peer: "python3 baseline.py",
    rounds: 2,
  });
});

test.each([
  ["backward", 'what to measure must be one of forward, train, standard, matmul, report, got "backward"'],
  ["forward train", "what to measure must be one of"],
  ["--mixers mhsa rotary", 'mixers must be one of mhsa, hypermixing, fastformer, summarymixing, mamba, got "rotary"'],
  ["--size huge", 'size must be one of tiny, base, large, got "huge"'],
  ["--seconds ten", 'seconds must be a number, got "ten"'],
  ["--seconds 10 0", "seconds must be lengths from 0.04 s, got 0"],
  ["--batch 0", "batch must be a whole number from 1, got 0"],
  ["--threads 1.5", "threads must be a whole number from 1, got 1.5"],
  ["--repeat x", 'repeat must be a number, got "x"'],
])("parseBench refuses %s and names what may be given", (line, message) => {
  expect(() => parseBench(line.split(" "))).toThrow(message);
});

test("parseBench refuses an option that it does not know", () => {
  expect(() => parseBench(["--mixer", "mhsa"])).toThrow("--mixer");
});

test("settingsOf checks what a cell gives in the same way", () => {
  expect(() => settingsOf({ seconds: [Number.POSITIVE_INFINITY] })).toThrow("seconds must be lengths from 0.04 s");
});
