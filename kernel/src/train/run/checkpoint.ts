// A run at the end of a step, in a folder: all that is needed to go on as if it had never stopped.
import { createHash } from "node:crypto";
import { createReadStream, mkdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { loadCheckpoint, saveCheckpoint } from "../../bestrq";
import { type RandomState, readSafetensors, tf, writeSafetensors } from "../../tensor";
import type { Position } from "./data";
import { syncFolder, writeWhole } from "./files";
import type { NormaliserState } from "./normaliser";
import type { Trained } from "./trained";

/** What a checkpoint says beside its tensors, in `state.json`. */
export interface CheckpointState {
  /** Steps done. */
  readonly step: number;
  /** Where in the data the next one begins. */
  readonly position: Position;
  /** The generator that all others are forked from, by step and batch. */
  readonly random: RandomState;
  /** The lower the better: validation loss, or training loss where there is no validation. */
  readonly score?: number;
}

/** What is stored. */
export interface StoredState extends CheckpointState {
  readonly normalisation: NormaliserState;
  /** Bytes and SHA-256 of each file. */
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
}

const files = {
  model: "model.safetensors",
  optimizer: "optimizer.safetensors",
  normaliser: "normalisation.safetensors",
};
const stateFile = "state.json";

/**
 * Writes a checkpoint. The folder appears whole or not at all: everything is written, and on the disk, under another
 * name before.
 */
export async function saveRun(folder: string, trained: Trained, state: CheckpointState): Promise<void> {
  const unfinished = `${folder}.tmp`;
  rmSync(unfinished, { recursive: true, force: true });
  try {
    mkdirSync(unfinished);
    await writeTensors(unfinished, trained);
    const described: StoredState["files"] = Object.fromEntries(
      await Promise.all(Object.values(files).map(async (name) => [name, await fingerprintOf(join(unfinished, name))])),
    );
    const stored: StoredState = { ...state, normalisation: trained.normaliser.state, files: described };
    writeWhole(join(unfinished, stateFile), `${JSON.stringify(stored, null, 2)}\n`);
    rmSync(folder, { recursive: true, force: true }); // a damaged one of the same step, if any
    renameSync(unfinished, folder);
    syncFolder(dirname(folder));
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw error;
  }
}

async function writeTensors(folder: string, { model, optimizer, normaliser, codeUse }: Trained): Promise<void> {
  await saveCheckpoint(model, join(folder, files.model));
  const { steps, first, second } = optimizer.state;
  const lastSeen = tf.tensor2d(codeUse.lastSeen, [2, codeUse.lastSeen.length / 2], "int32");
  const { count, mean, std } = normaliser.averages();
  try {
    const moments = model.entries().flatMap(([path], index): [string, tf.Tensor][] => [
      [`first.${path}`, first[index]],
      [`second.${path}`, second[index]],
    ]);
    const tensors = { ...Object.fromEntries(moments), "codes.lastSeen": lastSeen };
    await writeSafetensors(join(folder, files.optimizer), tensors, { steps: String(steps) });
    // For whoever uses the model: `loadNormalisation` reads it.
    await writeSafetensors(
      join(folder, files.normaliser),
      { glob_mean: mean, glob_std: std },
      { count: String(count) },
    );
  } finally {
    tf.dispose([lastSeen, mean, std]);
  }
}

/** What a checkpoint says, once all of its files are found to be what was written. @throws Error that says what is wrong */
export async function checkedState(folder: string): Promise<StoredState> {
  const state = storedState(folder);
  for (const [name, { bytes, sha256 }] of Object.entries(state.files)) {
    const found = await fingerprintOf(join(folder, name));
    if (found.bytes !== bytes) throw new Error(`${name} must have ${bytes} bytes, got ${found.bytes}`);
    if (found.sha256 !== sha256) throw new Error(`${name} is not what was written: its checksum is another`);
  }
  return state;
}

/** What a checkpoint says, unchecked. @throws Error where it says nothing */
export function storedState(folder: string): StoredState {
  const state = JSON.parse(readFileSync(join(folder, stateFile), "utf8")) as StoredState;
  if (!Number.isSafeInteger(state.step) || !state.position || !state.files) {
    throw new Error(`${stateFile} must tell step, position and files`);
  }
  return state;
}

/** Takes everything of a checkpoint over. */
export async function loadRun(folder: string, state: StoredState, trained: Trained): Promise<void> {
  const { model, optimizer, normaliser, codeUse } = trained;
  await loadCheckpoint(model, join(folder, files.model));
  const file = readSafetensors(join(folder, files.optimizer));
  try {
    const { first, second } = optimizer.state;
    model.entries().forEach(([path], index) => {
      tf.tidy(() => {
        first[index].assign(file.tensor(`first.${path}`));
        second[index].assign(file.tensor(`second.${path}`));
      });
    });
    optimizer.resume(Number(file.metadata.steps));
    const lastSeen = file.tensor("codes.lastSeen");
    codeUse.lastSeen.set((await lastSeen.data()) as Int32Array);
    lastSeen.dispose();
  } finally {
    file.close();
  }
  normaliser.state = state.normalisation;
}

async function fingerprintOf(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 22 })) hash.update(chunk as Buffer);
  return { bytes: statSync(path).size, sha256: hash.digest("hex") };
}
