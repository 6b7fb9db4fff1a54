// A run that is killed again and again, in a process of its own, beside one that is not.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Random } from "bestrq/tensor/random";
import { WaveFile } from "wavefile";

const bestrq = fileURLToPath(new URL("../../../kernel/bin/bestrq.cjs", import.meta.url));

/** A model that takes no time, with all that is drawn: masks, dropout, layer drop; two batches a step. */
const settings = [
  "model.channels=[3,2]",
  "model.width=12",
  "model.layers=1",
  "model.feedForward=16",
  "model.kernel=5",
  "model.codes=32",
  "model.dropout=0.1",
  "model.layerDrop=0.1",
  "batches.seconds=1.2",
  "batches.buckets=1",
  "accumulation=2",
  "normalisationEpochs=3",
  "validation.every=7",
  "validation.share=0.2",
  "checkpoints.every=2",
];

/** How a run fared. */
interface Killed {
  readonly kills: number;
  /** Kills before the first step of a process, while it started. */
  readonly early: number;
  readonly seconds: number;
  /** Rows of the metrics, without what depends on the clock and the machine. */
  readonly rows: readonly object[];
  /** Model, optimizer and normalisation of the last checkpoint, byte by byte. */
  readonly files: Readonly<Record<string, Buffer>>;
}

/** Trains to the end, after so many SIGKILLs at moments that the seed decides, each of which the run goes on after. */
export async function trainKilled(folder: string, steps: number, kills: number, seed: number): Promise<Killed> {
  const started = performance.now();
  const random = new Random(seed);
  const out = join(folder, `${kills} kills`);
  let early = 0;
  let [startMs, stepMs] = [3000, 100]; // how long it takes to come to a first step, and from one to the next
  for (let kill = 0; kill < kills; kill++) {
    const child = start(folder, out, steps);
    child.stderr.pipe(process.stderr, { end: false });
    const exit = once(child, "exit");
    const line = () => Promise.race([once(child.stdout, "data"), exit]);
    const began = performance.now();
    const isEarly = random.next() < 0.25;
    if (isEarly) early++;
    const [moment, lines] = [random.next(), 1 + random.integer(6)];
    if (!isEarly) {
      await line();
      startMs = performance.now() - began;
      for (let more = 1; more < lines; more++) await line();
      if (lines > 1) stepMs = (performance.now() - began - startMs) / (lines - 1);
    }
    await Promise.race([pause(moment * (isEarly ? startMs : stepMs)), exit]);
    if (child.exitCode !== null) throw new Error(`the run ended before kill ${kill + 1}, with ${child.exitCode}`);
    child.kill("SIGKILL");
    await exit;
  }
  const last = start(folder, out, steps);
  last.stdout.resume();
  last.stderr.pipe(process.stderr, { end: false });
  const [code] = (await once(last, "exit")) as [number];
  if (code !== 0) throw new Error(`the run failed with ${code}`);
  const seconds = (performance.now() - started) / 1000;
  return { kills, early, seconds, rows: rowsOf(out), files: filesOf(out) };
}

/** `bestrq train` as a process; every step is a line on its stdout. */
export function start(folder: string, out: string, steps: number, ...others: string[]) {
  const args = ["--mixer", "summarymixing", "--size", "tiny", "--audio", join(folder, "speech"), "--out", out];
  const more = ["--steps", String(steps), "--resume", "--json", "--backend", "tensorflow"];
  const changes = settings.flatMap((setting) => ["--set", setting]);
  const child = spawn(process.execPath, [bestrq, "train", ...args, ...more, ...changes, ...others], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3" },
  });
  return child;
}

/** Lets a run go on to its end; after so many lines, does something to it. */
export async function ran(child: ReturnType<typeof start>, lines: number, act: () => void) {
  let [told, seen] = ["", 0];
  child.stderr.on("data", (text) => {
    told += text;
  });
  child.stdout.on("data", (text) => {
    const before = seen;
    seen += String(text).split("\n").length - 1;
    if (before < lines && seen >= lines) act();
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, told, seen };
}

export const finished = (child: ReturnType<typeof start>) => ran(child, Infinity, () => {});

/** Rows of the metrics, without what depends on the clock and the machine. */
export function rowsOf(out: string): object[] {
  const lines = readFileSync(join(out, "metrics.jsonl"), "utf8").trimEnd().split("\n");
  return lines.map((line) => {
    const { seconds, audioPerSecond, peakBytes, ...lasting } = JSON.parse(line);
    return lasting;
  });
}

/** Model, optimizer and normalisation of the last checkpoint, byte by byte. */
export function filesOf(out: string): Record<string, Buffer> {
  const last = join(out, "checkpoints", readdirSync(join(out, "checkpoints")).sort().at(-1) as string);
  const names = readdirSync(last).filter((name) => name.endsWith(".safetensors"));
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(last, name))]));
}

/** A folder with ten half-seconds of noise to train on, for `use` alone. */
export async function withSpeech<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "killed-"));
  try {
    const random = new Random(3);
    mkdirSync(join(folder, "speech"));
    for (let index = 0; index < 10; index++) {
      const wave = new WaveFile();
      const samples = Int16Array.from({ length: 8000 + 16 * index }, () => random.integer(20_000) - 10_000);
      wave.fromScratch(1, 16_000, "16", samples);
      writeFileSync(join(folder, "speech", `${index}.wav`), wave.toBuffer());
    }
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
