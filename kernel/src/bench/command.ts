// `bestrq bench`, as a shell starts it.
import { writeFileSync } from "node:fs";
import { displaySymbol } from "../figures";
import type { Limit } from "./apart";
import { runAudioBench } from "./audio";
import { comparisonsIn, summaries } from "./comparison";
import { runEfficiency } from "./efficiency/command";
import { keeper } from "./keeper";
import { runLedgerBench } from "./ledger/command";
import { resultsPath } from "./machine";
import type { Result } from "./measurement";
import { type Arguments, casesOf, parseBench, type Settings } from "./options";
import { printProfile } from "./profile";
import { progressLine } from "./progress";
import { asMarkdown, lengthFigure } from "./report";
import { readResults } from "./results";
import { limitOf, measure } from "./run";
import { runScaling } from "./scaling/command";
import { asText } from "./tables";
import type { Case } from "./work";

/** Measures and prints what the arguments ask for. @returns whether everything could be measured */
export async function runBench(args: readonly string[]): Promise<boolean> {
  if (args[0] === "ledger") {
    await runLedgerBench(args.slice(1));
    return true;
  }
  if (args[0] === "audio") {
    await runAudioBench(args.slice(1));
    return true;
  }
  if (args[0] === "efficiency") return runEfficiency(args.slice(1));
  if (args[0] === "scaling") {
    await runScaling(args.slice(1));
    return true;
  }
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

/** Prints the tables of a file of results and draws its figure beside it. */
function report({ out }: Arguments): boolean {
  const path = resultsPath(out);
  const file = path && readResults(path);
  if (!path || !file) throw new Error(`Cannot report: there are no results in ${path}. Measure some: bestrq bench`);
  console.log(asMarkdown(file));
  const figure = lengthFigure(file)[displaySymbol]() as { "image/svg+xml": string };
  writeFileSync(path.replace(/\.json$|$/, ".svg"), `${figure["image/svg+xml"]}\n`);
  return true;
}
