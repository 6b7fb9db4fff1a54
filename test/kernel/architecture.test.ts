// Holds the code to its structure: which room of kernel/src may import which, and that it enters by the door.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Import, importsOf, root, sourcesOf } from "./imports";

/** Whom each room may import. What observes shows itself through figures, which know nothing of ours. */
const allowed: Record<string, string[]> = {
  jupyter: ["executor", "device"], // of the executor types alone: it is another process, spoken to in messages
  executor: ["device"],
  device: [],
  figures: [],
  tensor: ["device"],
  audio: ["tensor", "figures"],
  nn: ["tensor"],
  mixers: ["nn", "tensor"],
  bestrq: ["mixers", "nn", "tensor", "figures"],
  corpora: ["audio", "tensor", "figures"], // of tensor the random numbers alone
  parallel: ["tensor"],
  train: ["bestrq", "corpora", "audio", "tensor", "figures", "parallel"],
  sweep: ["train", "bestrq", "figures"],
  profile: ["bestrq", "train", "tensor", "figures", "device"], // it plans what models do by running their code on shapes
  maps: ["bestrq", "mixers", "nn", "audio", "tensor", "figures"],
  bench: ["parallel", "corpora", "bestrq", "train", "profile", "device", "audio", "tensor", "figures"],
  probes: ["bestrq", "train", "corpora", "audio", "bench", "tensor", "figures"], // of bench what machine and commit it was
  verify: ["audio", "bestrq", "nn", "tensor", "figures"],
};
/** What every room may import: how a command reads its arguments. */
const anyone = "kernel/src/commandLine";
/** How two processes cut their pipes into messages: the only code that both run. */
const bothHave = "kernel/src/executor/frames";
/** The arithmetic of figures, which the extension shares: without Node, without packages. */
const shared = ["stack", "colours", "units", "textWidth"].map((name) => `kernel/src/figures/${name}`);
/** The same of maps: what stands where, in which colours and resolutions. */
const sharedMap = ["facts", "layout", "marks", "places", "pyramid", "scale", "terms", "ticks"];
shared.push(...sharedMap.map((name) => `kernel/src/figures/map/${name}`));

const sources = sourcesOf("kernel/src", "extension/src");
const imports = sources.flatMap((file) => importsOf(file));

const isFile = (path: string) => existsSync(join(root, `${path}.ts`));
/** `kernel/src/nn/linear.ts` and `kernel/src/nn` are in `nn`, `kernel/src/index.ts` is in `index.ts`. */
const roomOf = (path: string): string => /^kernel\/src\/([^/]+)/.exec(path)?.[1] ?? "";

/** Which rule an import breaks, if any. */
function broken({ file, name, target, typesOnly }: Import): string | undefined {
  if (file.startsWith("extension/")) {
    const ours = target !== undefined || name === "bestrq";
    const may = !ours || target?.startsWith("extension/src/") || shared.includes(target ?? "");
    return may ? undefined : `the extension may import of the kernel ${shared.join(", ")}`;
  }
  const from = roomOf(file);
  if (!target) {
    if (/^bestrq/.test(name)) return "no package of ours may be";
    if (name === "@tensorflow/tfjs" && file !== "kernel/src/tensor/tf.ts") return "only tensor/tf.ts may";
    const owner = /^@tensorflow\//.test(name) ? "tensor" : /^@?tslab(\/|$)/.test(name) ? "executor" : from;
    return from === owner ? undefined : `only ${owner} may`;
  }
  const to = roomOf(target);
  if (to === "") return "the kernel may import of this repository only kernel/src";
  if (from in allowed && from !== to && target !== anyone) {
    if (!allowed[from].includes(to)) return `${from} may import ${allowed[from].join(", ") || "no other room"}`;
    if (from === "jupyter" && to === "executor" && !typesOnly && target !== bothHave)
      return "jupyter may import types alone of the executor";
  }
  const door = `kernel/src/${to}`;
  const enters = from === to || target === door || !isFile(`${door}/index`); // jupyter and executor have no door
  return enters ? undefined : `others enter ${to} by its index.ts`;
}

const faults = (found: Import[]): string[] =>
  found.flatMap((one) => {
    const rule = broken(one);
    return rule === undefined ? [] : `${one.file}:${one.line} imports ${one.name}, but ${rule}`;
  });

test("rooms import only what the structure allows, by the door", () => {
  const rooms = readdirSync(join(root, "kernel/src"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(rooms.map(({ name }) => name).sort()).toEqual(Object.keys(allowed).sort());
  expect(faults(imports)).toEqual([]);
});

test.each([
  ["kernel/src/nn/a.ts", 'import {\n  x,\n} from "../bestrq"', "nn/a.ts:3 imports ../bestrq, but nn may import tensor"],
  ["kernel/src/mixers/a.ts", 'export * from "../nn/linear"', "others enter nn by its index.ts"],
  ["kernel/src/index.ts", 'export * from "./nn/linear"', "others enter nn by its index.ts"],
  ["kernel/src/figures/a.ts", 'type A = import("../tensor").A', "figures may import no other room"],
  ["kernel/src/jupyter/a.ts", 'import { type A, b } from "../executor/run"', "types alone"],
  ["kernel/src/train/a.ts", 'const x = require("../index")', "train may import bestrq"],
  ["kernel/src/train/a.ts", 'import * as tf from "@tensorflow/tfjs"', "only tensor/tf.ts may"],
  ["kernel/src/nn/a.ts", 'await import("@tensorflow/tfjs-core")', "only tensor may"],
  ["kernel/src/jupyter/a.ts", 'import ts = require("@tslab/typescript-for-tslab")', "only executor may"],
  ["kernel/src/figures/a.ts", 'import "../../../extension/src/decode"', "only kernel/src"],
  ["extension/src/a.ts", 'import { x } from "../../kernel/src/figures/svg"', "the extension may import"],
])("the structure forbids, in %s, %s", (file, text, fault) => {
  expect(faults(importsOf(file, text))).toEqual([expect.stringContaining(fault)]);
});

test("no file imports itself by way of others", () => {
  const ways = new Map(sources.map((file) => [file, [] as string[]]));
  for (const { file, target, typesOnly } of imports) {
    if (target && !typesOnly) ways.get(file)?.push(isFile(target) ? `${target}.ts` : `${target}/index.ts`);
  }
  const done = new Set<string>();
  const cycleFrom = (file: string, path: string[]): string[] => {
    if (path.includes(file)) return [[...path.slice(path.indexOf(file)), file].join(" -> ")];
    if (done.has(file)) return [];
    done.add(file);
    return (ways.get(file) ?? []).flatMap((next) => cycleFrom(next, [...path, file]));
  };
  expect(sources.flatMap((file) => cycleFrom(file, []))).toEqual([]);
});

test("the files that the extension shares import only one another", () => {
  const beyond = ({ file, target = "" }: Import) =>
    shared.includes(file.replace(/\.ts$/, "")) && !shared.includes(target);
  expect(imports.filter(beyond)).toEqual([]);
});

test("the top level holds the parts of the design and nothing else", () => {
  const tracked = execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" }).trim().split("\n");
  const parts = ["data", "extension", "kernel", "notebooks", "test"];
  const papers = ["CHANGELOG.md", "LICENSE", "README.md"];
  const npm = [".npmrc", "package-lock.json", "package.json"];
  const tools = [".ci", ".editorconfig", ".gitignore", "biome.json", "knip.json", "vitest.config.mts"];
  const top = new Set(tracked.map((path) => path.split("/")[0]));
  expect([...top].sort()).toEqual([...parts, ...papers, ...npm, ...tools].sort());
});
