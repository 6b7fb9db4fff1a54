import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadCheckpoint, loadNormalisation } from "bestrq/bestrq";
import { backend, Random, tf } from "bestrq/tensor";
import { best, checkpointsIn, Recipe, type RecipeOptions } from "bestrq/train";
import { reasonOf } from "bestrq/train/run/files";
import { RunFolder, type RunRecord, restore } from "bestrq/train/run/folder";
import { disposeTrained, type Trained, untrained } from "bestrq/train/run/trained";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";

const model = { channels: [3, 2], width: 12, heads: 2, layers: 1, feedForward: 16, kernel: 5, codes: 32 };
const recipe = (changes: Partial<RecipeOptions> = {}) =>
  new Recipe({ mixer: "fastformer", size: "tiny", seed: 7, model, ...changes });
const record = (changes: Partial<RunRecord> = {}): RunRecord => ({ recipe: recipe(), speech: "abc", ...changes });

let folder: string;
let run: string;
beforeAll(() => backend.use("wasm"));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "run-"));
  run = join(folder, "run");
});
afterEach(() => {
  chmodSync(folder, 0o755);
  rmSync(folder, { recursive: true, force: true });
});

/** Something that was trained, so to speak: numbers of that seed everywhere. */
async function trained(seed: number): Promise<Trained> {
  const made = untrained(recipe());
  const random = new Random(seed);
  const { first, second } = made.optimizer.state;
  for (const variable of [...made.model.entries().map(([, one]) => one), ...first, ...second]) {
    tf.tidy(() => variable.assign(random.normal(variable.shape)));
  }
  made.optimizer.resume(seed);
  made.normaliser.learn(Float64Array.from({ length: 161 }, () => 1 + random.next() / 3));
  made.codeUse.lastSeen.forEach((_, code) => {
    made.codeUse.lastSeen[code] = random.integer(100);
  });
  return made;
}

/** All numbers, to the bit. */
async function bits({ model, optimizer, normaliser, codeUse }: Trained) {
  const { steps, first, second } = optimizer.state;
  const variables = [...model.entries().map(([, variable]) => variable), ...first, ...second];
  const words = await Promise.all(variables.map(async (variable) => new Uint32Array((await variable.data()).buffer)));
  return { steps, words, normaliser: normaliser.state, lastSeen: [...codeUse.lastSeen] };
}

const state = (step: number, score?: number) => ({
  step,
  position: { epoch: 1, batch: step },
  random: new Random(step).state,
  score,
});

/** A run with checkpoints of these steps, seeds and scores. */
async function runOf(...scores: readonly [step: number, score?: number][]): Promise<void> {
  const opened = await RunFolder.open(run, record(), { resume: false });
  for (const [step, score] of scores) {
    const one = await trained(step);
    await opened.save(one, state(step, score), 3);
    disposeTrained(one);
  }
  opened.close();
}

const steps = () => checkpointsIn(run).map(({ step }) => step);
const nothing = () => {
  throw new Error("nothing is damaged");
};

test("a checkpoint gives back everything to the bit, and leaves no tensor", async () => {
  const before = tf.memory().numTensors;
  await runOf([5, 1.5]);
  const [expected, restored] = [await trained(5), untrained(recipe())];
  expect(await restore(run, restored, nothing)).toMatchObject(state(5, 1.5));
  expect(await bits(restored)).toEqual(await bits(expected));
  for (const one of [expected, restored]) disposeTrained(one);
  expect(tf.memory().numTensors).toBe(before);
});

test("a checkpoint's model and normalisation are files like any other", async () => {
  await runOf([5]);
  const [expected, loaded] = [await trained(5), untrained(recipe())];
  const [{ path }] = checkpointsIn(run);
  await loadCheckpoint(loaded.model, join(path, "model.safetensors"));
  expect((await bits(loaded)).words[0]).toEqual((await bits(expected)).words[0]);
  const { count, mean, std } = await loadNormalisation(join(path, "normalisation.safetensors"));
  const averages = expected.normaliser.averages();
  expect(count).toBe(averages.count);
  expect(await mean.data()).toEqual(await averages.mean.data());
  expect(await std.data()).toEqual(await averages.std.data());
  tf.dispose([mean, std, averages.mean, averages.std]);
  for (const one of [expected, loaded]) disposeTrained(one);
});

test("the last ones and the best stay", async () => {
  await runOf([1, 3], [2, 1], [3, 2], [4, 5], [5, 4], [6, 4]);
  expect(steps()).toEqual([2, 4, 5, 6]);
  expect(best(checkpointsIn(run))).toMatchObject({ step: 2, score: 1 });
});

const damages: [name: string, harm: (path: string) => void, told: string][] = [
  ["is cut short", (path) => truncateSync(join(path, "optimizer.safetensors"), 1000), "must have"],
  ["has one wrong bit", (path) => flip(join(path, "model.safetensors")), "its checksum is another"],
  ["lacks a file", (path) => rmSync(join(path, "normalisation.safetensors")), "ENOENT"],
  ["has no state", (path) => writeFileSync(join(path, "state.json"), ""), "JSON"],
];

function flip(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1] ^= 16;
  writeFileSync(path, bytes);
}

test.each(damages)("where the newest checkpoint %s, the one before is taken", async (_, harm, told) => {
  await runOf([3, 1], [4, 2]);
  harm(checkpointsIn(run)[1].path);
  const messages: string[] = [];
  const restored = untrained(recipe());
  expect(await restore(run, restored, (message) => messages.push(message))).toMatchObject({ step: 3 });
  expect(messages).toEqual([expect.stringContaining("step-00000004")]);
  expect(messages[0]).toContain(told);
  const expected = await trained(3);
  expect(await bits(restored)).toEqual(await bits(expected));
  const opened = await RunFolder.open(run, record(), { resume: true });
  await opened.save(restored, state(4, 0.5), 3); // takes the place of the damaged one
  opened.close();
  expect(await restore(run, expected, nothing)).toMatchObject({ step: 4, score: 0.5 });
  for (const one of [expected, restored]) disposeTrained(one);
});

test("where no checkpoint is whole, the run begins anew", async () => {
  await runOf([3]);
  rmSync(join(checkpointsIn(run)[0].path, "model.safetensors"));
  const restored = untrained(recipe());
  expect(await restore(run, restored, () => {})).toBeUndefined();
  disposeTrained(restored);
});

test("a folder with a run is refused, unless it is to go on", async () => {
  await runOf([4], [7]);
  await expect(RunFolder.open(run, record(), { resume: false })).rejects.toThrow(
    `Cannot train in ${run}: a run is there, at step 7. To go on with it: --resume`,
  );
  const opened = await RunFolder.open(run, record(), { resume: true });
  opened.close();
});

test("a run of another recipe or of other speech is refused by name; steps and what is kept may change", async () => {
  await runOf([4]);
  const open = (changes: Partial<RunRecord>) => RunFolder.open(run, record(changes), { resume: true });
  const other = recipe({ optimizer: { learningRate: 1, warmup: 5 }, steps: 3 });
  await expect(open({ recipe: other })).rejects.toThrow(
    "the run there has another recipe:\n" +
      "  optimizer.learningRate is 0.003, asked for is 1\n  optimizer.warmup is 200, asked for is 5",
  );
  await expect(open({ speech: "abd" })).rejects.toThrow("the run there began on other speech for training");
  await expect(open({ validation: "x" })).rejects.toThrow("the run there began on other speech for validation");
  const longer = recipe({ steps: 9, optimizer: { warmup: 200 }, checkpoints: { every: 7, keep: 1 } });
  (await open({ recipe: longer })).close();
  expect(JSON.parse(readFileSync(join(run, "recipe.json"), "utf8")).recipe.steps).toBe(9);
});

test("two runs in one folder are refused; what was killed while it wrote is cleared away", async () => {
  const opened = await RunFolder.open(run, record(), { resume: false });
  await expect(RunFolder.open(run, record(), { resume: true })).rejects.toThrow(
    new RegExp(`process ${process.pid} on .* is training in it at this moment`),
  );
  opened.close();
  mkdirSync(join(run, "checkpoints", "step-00000009.tmp"));
  (await RunFolder.open(run, record(), { resume: true })).close();
  expect(readdirSync(join(run, "checkpoints"))).toEqual([]);
});

test("a process that is killed leaves no lock", async () => {
  mkdirSync(run);
  const built = fileURLToPath(new URL("../../../kernel/dist/train/run/lock.js", import.meta.url));
  const code = `require(${JSON.stringify(built)}).lock(${JSON.stringify(join(run, "lock"))}).then(() => { console.log("held"); setInterval(() => {}, 1000); })`;
  const child = spawn(process.execPath, ["-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  await expect(RunFolder.open(run, record(), { resume: true })).rejects.toThrow(`process ${child.pid} on`);
  child.kill("SIGKILL");
  await once(child, "exit");
  (await RunFolder.open(run, record(), { resume: true })).close();
});

test("where the folder may not be written, that is the error", async () => {
  chmodSync(folder, 0o555);
  const isRoot = process.geteuid?.() === 0; // who may write everywhere
  if (isRoot) process.seteuid?.(65_534);
  try {
    await expect(RunFolder.open(run, record(), { resume: false })).rejects.toThrow(
      `Cannot train in ${run}: this user may not write there`,
    );
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
});

/** Has the system refuse files beyond so many bytes to this process, until the function that is returned is called. */
function limitFiles(bytes: number): () => void {
  const koffi = createRequire(fileURLToPath(new URL("../../../kernel/package.json", import.meta.url)))("koffi");
  const [get, set] = ["getrlimit", "setrlimit"].map((name) => koffi.load(null).func(`int ${name}(int, void*)`));
  const RLIMIT_FSIZE = 1;
  const before = new BigUint64Array(2); // soft, hard
  get(RLIMIT_FSIZE, before);
  set(RLIMIT_FSIZE, new BigUint64Array([BigInt(bytes), before[1]]));
  return () => set(RLIMIT_FSIZE, before);
}

test("where a checkpoint cannot be written to its end, the one before is whole and nothing else stays", async () => {
  await runOf([3]);
  const opened = await RunFolder.open(run, record(), { resume: true });
  const next = await trained(4);
  const unlimited = limitFiles(10_000);
  try {
    await expect(opened.save(next, state(4), 3)).rejects.toThrow(
      /^Cannot save step 4 of the run in .*run: files may not become that large here \(ulimit -f\)\. Step 3, saved before, is whole; once that is put right, --resume/,
    );
  } finally {
    unlimited();
  }
  expect(readdirSync(join(run, "checkpoints"))).toEqual(["step-00000003"]);
  expect(await restore(run, next, nothing)).toMatchObject({ step: 3 });
  await opened.save(next, state(4), 3);
  expect(steps()).toEqual([3, 4]);
  opened.close();
  disposeTrained(next);
});

test("a full disk has a plain reason", () => {
  expect(existsSync("/dev/full")).toBe(process.platform === "linux");
  if (process.platform !== "linux") return;
  try {
    appendFileSync("/dev/full", "more");
    expect.unreachable();
  } catch (error) {
    expect(reasonOf(error)).toBe("the disk is full");
  }
});
