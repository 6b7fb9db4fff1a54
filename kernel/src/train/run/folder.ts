// RUN/: recipe.json, metrics.jsonl, TensorBoard's events, checkpoints/, and the lock of whoever trains in it.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import type { RecipeFields } from "../recipe";
import { type CheckpointState, checkedState, loadRun, saveRun, storedState } from "./checkpoint";
import { differences } from "./differences";
import { reasonOf, writeWhole } from "./files";
import { lock } from "./lock";
import type { Trained } from "./trained";

/** What a run is: written once, and compared when it is to go on. */
export interface RunRecord {
  readonly recipe: RecipeFields;
  /** Fingerprint of the speech it is trained on, and of a validation set, where one was given. */
  readonly speech: string;
  readonly validation?: string;
}

/** What may differ when a run goes on: how long, and what is kept. */
const mayDiffer = ["recipe.steps", "recipe.checkpoints.every", "recipe.checkpoints.keep"];

/** One checkpoint of a run. */
export interface Checkpoint {
  readonly path: string;
  readonly step: number;
  /** The lower the better. */
  readonly score?: number;
}

/** The folder of a run. */
export class RunFolder {
  private constructor(
    readonly path: string,
    private readonly unlock: () => void,
  ) {}

  get metricsPath(): string {
    return join(this.path, "metrics.jsonl");
  }

  /**
   * Opens the folder of a run to write to, a new one or, with `resume`, one that is there.
   *
   * @throws Error where a run is there and is not to go on, or another one than this; where another process trains in it;
   *   where it cannot be written
   */
  static async open(path: string, record: RunRecord, { resume }: { readonly resume: boolean }): Promise<RunFolder> {
    let unlock: (() => void) | undefined;
    try {
      mkdirSync(join(path, "checkpoints"), { recursive: true });
      unlock = await lock(join(path, "lock"));
      const recipe = join(path, "recipe.json");
      if (existsSync(recipe)) {
        const last = checkpointsIn(path).at(-1)?.step ?? 0;
        if (!resume) {
          throw new Error(
            `a run is there, at step ${last}. To go on with it: --resume, or resume: true; or take another folder`,
          );
        }
        sameRun(JSON.parse(readFileSync(recipe, "utf8")) as RunRecord, record);
      }
      writeWhole(recipe, `${JSON.stringify(record, null, 2)}\n`);
      for (const name of readdirSync(join(path, "checkpoints"))) {
        if (name.endsWith(".tmp")) rmSync(join(path, "checkpoints", name), { recursive: true }); // of one that was killed
      }
      return new RunFolder(path, unlock);
    } catch (error) {
      unlock?.();
      throw new Error(`Cannot train in ${path}: ${reasonOf(error)}`, { cause: error });
    }
  }

  /** Saves a checkpoint, and removes those that need not stay: all but the last `keep` and the best. */
  async save(trained: Trained, state: CheckpointState, keep: number): Promise<void> {
    try {
      await saveRun(join(this.path, "checkpoints", nameOf(state.step)), trained, state);
    } catch (error) {
      const last = checkpointsIn(this.path).at(-1);
      const intact = last ? `Step ${last.step}, saved before, is whole` : "Nothing was saved before";
      throw new Error(
        `Cannot save step ${state.step} of the run in ${this.path}: ${reasonOf(error)}. ${intact}; ` +
          "once that is put right, --resume (resume: true) goes on",
        { cause: error },
      );
    }
    const all = checkpointsIn(this.path);
    const stay = new Set([...all.slice(-keep), best(all)]);
    for (const checkpoint of all) if (!stay.has(checkpoint)) rmSync(checkpoint.path, { recursive: true, force: true });
  }

  /** Gives the folder free for others. */
  close(): void {
    this.unlock();
  }
}

/** The checkpoints of a run, in the order of their steps. Whether they are damaged is found when they are read. */
export function checkpointsIn(run: string): Checkpoint[] {
  const folder = join(run, "checkpoints");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^step-\d+$/.test(name))
    .map((name) => {
      const path = join(folder, name);
      return { path, step: Number(name.slice("step-".length)), score: scoreOf(path) };
    })
    .sort((a, b) => a.step - b.step);
}

/** The one with the lowest score; of equal ones, the first. */
export const best = (checkpoints: readonly Checkpoint[]): Checkpoint | undefined =>
  checkpoints.reduce<Checkpoint | undefined>(
    (lowest, one) => ((one.score ?? Infinity) < (lowest?.score ?? Infinity) ? one : lowest),
    undefined,
  );

/**
 * Takes the newest checkpoint that is whole.
 *
 * @param onDamaged told of each that is not, and why
 * @returns its state; undefined where there is none
 */
export async function restore(
  run: string,
  trained: Trained,
  onDamaged: (message: string) => void,
): Promise<CheckpointState | undefined> {
  for (const { path } of checkpointsIn(run).reverse()) {
    try {
      const state = await checkedState(path);
      await loadRun(path, state, trained);
      return state;
    } catch (error) {
      onDamaged(`${basename(path)} of ${run} is damaged (${(error as Error).message}): going on from the one before`);
    }
  }
  return undefined;
}

/** Takes the checkpoint of a step. @throws Error where it is not there, or damaged */
export async function restoreStep(run: string, step: number, trained: Trained): Promise<CheckpointState> {
  const path = join(run, "checkpoints", nameOf(step));
  const state = await checkedState(path);
  await loadRun(path, state, trained);
  return state;
}

function scoreOf(path: string): number | undefined {
  try {
    return storedState(path).score;
  } catch {
    return undefined;
  }
}

function sameRun(there: RunRecord, here: RunRecord): void {
  const different = differences(there, here).filter(({ path }) => !mayDiffer.includes(path));
  const recipe = different.filter(({ path }) => path.startsWith("recipe."));
  if (recipe.length > 0) {
    const lines = recipe.map(
      ({ path, there, here }) => `${path.slice("recipe.".length)} is ${there}, asked for is ${here}`,
    );
    throw new Error(`the run there has another recipe:\n  ${lines.join("\n  ")}`);
  }
  if (different.length > 0) {
    const what = different.map(({ path }) => (path === "speech" ? "training" : "validation")).join(" and ");
    throw new Error(`the run there began on other speech for ${what}. Give the same, or take another folder`);
  }
}

/** Digits enough for the names to sort as the steps do. */
const nameOf = (step: number): string => `step-${String(step).padStart(8, "0")}`;
