// `bestrq train`, as a shell starts it.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { sourceAt } from "../corpora";
import { communicator } from "../parallel";
import { type BackendName, backend } from "../tensor";
import type { StepMetrics } from "./metrics";
import { Recipe, type RecipeOptions } from "./recipe";
import { type RunOptions, run } from "./run";
import { TrainingLine } from "./trainingLine";

const flags = {
  mixer: { type: "string" },
  size: { type: "string" },
  audio: { type: "string" },
  validation: { type: "string" },
  steps: { type: "string" },
  seed: { type: "string" },
  recipe: { type: "string" },
  set: { type: "string", multiple: true },
  out: { type: "string" },
  resume: { type: "boolean", default: false },
  backend: { type: "string" },
  json: { type: "boolean", default: false },
} as const;

/** What the command line asks for. */
interface Arguments {
  readonly recipe: Recipe;
  readonly audio: string;
  readonly validation?: string;
  readonly out: string;
  readonly resume: boolean;
  readonly backend?: string;
  readonly json: boolean;
}

/**
 * Reads the command line. The recipe is that of its name, changed by `--recipe FILE` (JSON), then by `--set FIELD=VALUE`.
 *
 * @throws RangeError naming what is missing or wrong
 */
export function parseTrain(args: readonly string[]): Arguments {
  const { values } = parseArgs({ args: [...args], options: flags });
  const { audio, out, validation, resume, backend, json } = values;
  const file = values.recipe === undefined ? {} : (readJson(values.recipe) as Record<string, unknown>);
  const options: Record<string, unknown> = { ...file };
  for (const name of ["mixer", "size"] as const) if (values[name] !== undefined) options[name] = values[name];
  for (const name of ["steps", "seed"] as const) if (values[name] !== undefined) options[name] = parsed(values[name]);
  for (const change of values.set ?? []) set(options, change);
  const missing = [options.mixer ? "" : "--mixer", audio ? "" : "--audio", out ? "" : "--out"].filter(Boolean);
  if (missing.length > 0) {
    throw new RangeError(`Cannot train: ${missing.join(", ")} must be given. See bestrq --help`);
  }
  const recipe = new Recipe(options as unknown as RecipeOptions);
  return { recipe, audio: audio as string, out: out as string, validation, resume, backend, json };
}

/**
 * Trains as the arguments ask. Where it is interrupted (SIGINT, SIGTERM), it ends after the step that it is at, with a
 * checkpoint; a second signal ends it at once.
 * Processes that mpirun started train together; the first one alone tells how far they are. One that fails ends all.
 *
 * @param statistics what maps say, for the run to be watched by
 * @returns whether it came to its last step
 */
export async function runTrain(args: readonly string[], statistics?: RunOptions["statistics"]): Promise<boolean> {
  const { recipe, audio, validation, out, resume, json, ...given } = parseTrain(args);
  const processes = await communicator(); // before the backend: they share the cores
  await backend.use(given.backend as BackendName | undefined);
  const source = (path: string) => sourceAt(path, { mels: recipe.model.mels });
  const speech = await source(audio);
  const validationSet = validation === undefined ? undefined : await source(validation);
  const stop = stopOnSignals();
  const isFirst = processes.rank === 0;
  const line = new TrainingLine(recipe);
  const underway = await run(recipe, speech, {
    out,
    resume,
    communicator: processes,
    validation: validationSet,
    statistics,
    signal: stop.signal,
    sinks: isFirst && !json ? [line] : [],
    onMessage: (message) => console.error(message),
  });
  try {
    if (isFirst && !json) line.begin(underway.step);
    for await (const metrics of underway) if (isFirst && json) console.log(asJson(metrics));
    if (underway.isStopped && isFirst) {
      console.error(`Stopped after step ${underway.step}, which is saved in ${out}; --resume goes on`);
    }
  } finally {
    stop.end();
    underway.dispose();
    await speech.close();
    await validationSet?.close();
  }
  await processes.close(); // not after an error: the others would be waited for
  return !underway.isStopped;
}

const asJson = (metrics: StepMetrics): string => JSON.stringify(metrics);

/** The first signal asks for an end in good order; after it, signals do what they always do. */
function stopOnSignals(): { signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const names = ["SIGINT", "SIGTERM"] as const;
  const end = () => {
    for (const name of names) process.off(name, stop);
  };
  const stop = () => {
    end();
    controller.abort();
  };
  for (const name of names) process.on(name, stop);
  return { signal: controller.signal, end };
}

/** `optimizer.learningRate=1e-3` → { optimizer: { learningRate: 0.001 } }. */
function set(options: Record<string, unknown>, change: string): void {
  const [, path, text] = /^([\w.]+)=(.*)$/s.exec(change) ?? [];
  if (path === undefined) {
    throw new RangeError(`Cannot train: --set takes FIELD=VALUE, such as optimizer.learningRate=1e-3, got ${change}`);
  }
  const names = path.split(".");
  let group = options;
  for (const name of names.slice(0, -1)) {
    const inner = Object.hasOwn(group, name) ? group[name] : {};
    group[name] = { ...(inner as object) };
    group = group[name] as Record<string, unknown>;
  }
  group[names[names.length - 1]] = parsed(text);
}

/** Numbers, true, false and lists are JSON; anything else is text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new Error(`Cannot read the recipe ${path}: ${(error as Error).message}`);
  }
}
