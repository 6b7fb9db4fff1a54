// `bestrq bench audio`: how fast recordings become features, alone or in turns with another program.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { scan, source } from "../corpora";
import { commit, machine, resultsPath } from "./machine";
import { printedBy } from "./peer";
import { printedTable } from "./tables";

const flags = {
  threads: { type: "string", default: "1" },
  repeat: { type: "string", default: "10" },
  rounds: { type: "string", default: "3" },
  peer: { type: "string" },
  out: { type: "string" },
  json: { type: "boolean", default: false },
} as const;

/** Passes over all recordings: reading, decoding, resampling, log-mel features. */
interface Reading {
  readonly program: string;
  /** Of the fastest pass: by the clock, and of all cores together. */
  readonly best_s: number;
  readonly cpu_s: number;
}

/**
 * Reads a folder of recordings as training does, on so many threads, and prints how many seconds of audio that is a second
 * of one core. The other program gets `DIR --threads N --repeat N` and prints `{"peer", "best_s", "cpu_s"}`.
 *
 * @throws RangeError naming what may be given, where something else is
 */
export async function runAudioBench(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args: [...args], options: flags, allowPositionals: true });
  const { peer, json, out } = values;
  const [folder, ...others] = positionals;
  if (!folder || others.length > 0) throw new RangeError("Cannot bench audio: name one folder of recordings");
  const [threads, repeat, rounds] = (["threads", "repeat", "rounds"] as const).map((name) => {
    const count = Number(values[name]);
    if (Number.isSafeInteger(count) && count >= 1) return count;
    throw new RangeError(`Cannot bench audio: ${name} must be a whole number from 1, got ${values[name]}`);
  });
  const temporary = mkdtempSync(join(tmpdir(), "bestrq-bench-"));
  const manifest = await scan(folder, { file: join(temporary, "recordings.arrow") });
  rmSync(temporary, { recursive: true });
  const seconds = manifest.seconds.reduce((sum, each) => sum + each, 0);
  const speech = source(manifest, { workers: threads });
  const all = [...Array(manifest.length).keys()];
  const [ours, theirs]: [Reading[], Reading[]] = [[], []];
  try {
    for (let round = 0; round < rounds; round++) {
      for (let pass = 0; pass <= repeat; pass++) {
        const [began, used] = [performance.now(), process.cpuUsage()];
        const { skipped } = await speech.load(all);
        if (skipped.length > 0) throw new Error(`Cannot bench audio: ${skipped[0].path}: ${skipped[0].reason}`);
        const { user, system } = process.cpuUsage(used);
        const pass_s = (performance.now() - began) / 1e3;
        if (pass > 0) ours.push({ program: "BEST-RQ Lab", best_s: pass_s, cpu_s: (user + system) / 1e6 }); // the first warms up
      }
      if (peer) theirs.push(await other(peer, [folder, "--threads", `${threads}`, "--repeat", `${repeat}`]));
    }
  } finally {
    await speech.close();
  }
  const readings = [ours, theirs].filter(({ length }) => length > 0).map((passes) => told(fastest(passes), seconds));
  const about = { format: 1, date: new Date().toISOString(), commit: commit(), machine: machine() };
  const result = { ...about, recordings: manifest.length, seconds, threads, rounds, repeat, readings };
  const path = resultsPath(out, "audio");
  if (path) writeFileSync(path, `${JSON.stringify(result, null, 2)}\n`);
  console.log(
    json ? JSON.stringify(result) : `${manifest.length} recordings, ${seconds.toFixed(0)} s:\n${table(readings)}`,
  );
}

const fastest = (passes: readonly Reading[]) => passes.reduce((best, one) => (one.cpu_s < best.cpu_s ? one : best));

const told = (reading: Reading, seconds: number) => ({ ...reading, times_real_time_per_core: seconds / reading.cpu_s });

async function other(command: string, words: readonly string[]): Promise<Reading> {
  const line = await printedBy(command, words, ({ cpu_s }) => Number(cpu_s) > 0);
  return { program: String(line.peer ?? "peer"), best_s: Number(line.best_s), cpu_s: Number(line.cpu_s) };
}

const table = (readings: readonly ReturnType<typeof told>[]) =>
  printedTable(readings, [
    "program",
    { key: "best_s", label: "fastest pass (s)", format: (value) => Number(value).toFixed(3) },
    { key: "cpu_s", label: "of all cores (s)", format: (value) => Number(value).toFixed(3) },
    { key: "times_real_time_per_core", label: "times real time, a core", format: (value) => Number(value).toFixed(0) },
  ]);
