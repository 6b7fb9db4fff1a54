// `bestrq bench`, as a shell starts it.
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { displaySymbol } from "../figures";
import { tf } from "../tensor";
import { comparisonsIn, isPeer, summaries } from "./comparison";
import { commit, fileNameOf, machine, resultsFolder } from "./machine";
import type { Result } from "./measurement";
import { type Arguments, casesOf, parseBench, type Settings } from "./options";
import { printProfile } from "./profile";
import { progressLine } from "./progress";
import { asMarkdown, lengthFigure } from "./report";
import { keepRun, type Run, readResults } from "./results";
import { type Limit, limitOf, measure } from "./run";
import { asText } from "./tables";
import type { Case } from "./work";

/** Measures and prints what the arguments ask for. @returns whether everything could be measured */
export async function runBench(args: readonly string[]): Promise<boolean> {
  const given = parseBench(args);
  const { what, settings, profile, json } = given;
  if (what === "report") return report(given);
  const cases = { forward, train, standard, matmul: () => [] }[what](settings);
  if (profile) {
    await printProfile(cases, { ...settings, json });
    return true;
  }
  const limit = await limitOf(settings);
  if (what === "matmul") {
    console.log(json ? JSON.stringify(limit) : `${Math.round(limit.gflops_per_s)} GFLOP/s on ${limit.engine.name}`);
    return true;
  }
  return bench(cases, given, limit);
}

const forward = (settings: Settings): Case[] => casesOf("forward", settings);
const train = (settings: Settings): Case[] => casesOf("train", settings);
/** What `npm run bench` measures. */
const standard = (settings: Settings): Case[] => [...forward(settings), ...train({ ...settings, seconds: [10] })];

async function bench(cases: readonly Case[], { settings, json, out }: Arguments, limit: Limit): Promise<boolean> {
  const results: Result[] = [];
  const progress = progressLine(cases, settings, limit);
  const keep = keeper(out, limit);
  for await (const result of measure(cases, settings, limit, progress.tell)) {
    progress.end();
    results.push(result);
    if (json) console.log(JSON.stringify(result));
    if ("error" in result) {
      console.error(`${result.peer ?? "ours"}: ${result.mixer}, ${result.seconds} s, ${result.work}: ${result.error}`);
    }
    await keep(results);
  }
  const comparisons = comparisonsIn(results);
  if (json) for (const line of [...comparisons, ...summaries(comparisons)]) console.log(JSON.stringify(line));
  else console.log(asText(results, limit));
  return !results.some((result) => "error" in result);
}

/** Gives a function that writes what has been measured so far to the file of results: a run that is cut short is kept. */
function keeper(out: string | undefined, { engine, gflops_per_s }: Limit): (results: Result[]) => Promise<void> {
  const here = machine();
  const path = pathOf(out);
  if (!path) return async () => {};
  const about: Omit<Run, "results" | "versions"> = {
    id: randomUUID().slice(0, 8),
    date: new Date().toISOString(),
    commit: commit(),
    device: engine.device,
    limit_gflops_per_s: Math.round(gflops_per_s),
  };
  let silenced = false;
  return async (results) => {
    const versions = {
      node: process.versions.node,
      tfjs: tf.version_core,
      [engine.name]: engine.version,
      ...Object.fromEntries(results.filter(isPeer).map(({ peer }) => ["peer", peer])),
    };
    try {
      const aside = await keepRun(path, here, { ...about, versions, results });
      if (aside) console.error(`bench: ${path} was no file of results; it is kept as ${aside}`);
    } catch (error) {
      if (!silenced) console.error(`bench: results are not kept: ${(error as Error).message}`);
      silenced = true;
    }
  };
}

/** `--out FILE`, or this machine's file in the checkout; undefined where nothing is to be written. */
function pathOf(out: string | undefined): string | undefined {
  const folder = resultsFolder();
  if (out === "none") return undefined;
  return out ?? (folder && join(folder, `${fileNameOf(machine())}.json`));
}

/** Prints the tables of a file of results and draws its figure beside it. */
function report({ out }: Arguments): boolean {
  const path = pathOf(out);
  const file = path && readResults(path);
  if (!path || !file) throw new Error(`Cannot report: there are no results in ${path}. Measure some: bestrq bench`);
  console.log(asMarkdown(file));
  const figure = lengthFigure(file)[displaySymbol]() as { "image/svg+xml": string };
  writeFileSync(path.replace(/\.json$|$/, ".svg"), `${figure["image/svg+xml"]}\n`);
  return true;
}
