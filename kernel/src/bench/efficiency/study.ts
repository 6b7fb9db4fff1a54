// A study: points one after the other, each kept as soon as it is there; what the file holds is not measured again.
import { randomUUID } from "node:crypto";
import { lateProgress } from "../../figures";
import { tf } from "../../tensor";
import type { Limit } from "../apart";
import { commit, machine, resultsPath } from "../machine";
import { keepRun, readResults } from "../results";
import { limitOf } from "../run";
import { latest } from "./efficiency";
import { measurePoint } from "./measure";
import type { EfficiencySettings } from "./options";
import { type Point, pointName, pointsOf } from "./points";
import { type EfficiencyResult, isMeasured, isSamePoint } from "./results";

/** Told before each point: what it is, how many are done, and about how many seconds are left. */
export type TellPoint = (name: string, done: number, total: number, secondsLeft: number) => void;

/** What a file holds; of what was measured, by this engine alone. */
function knownIn(path: string, engine: Limit["engine"]): EfficiencyResult[] {
  const results = readResults<EfficiencyResult>(path)?.runs.flatMap(({ results }) => results) ?? [];
  return latest(results).filter(
    (one) => !isMeasured(one) || (one.backend === engine.name && one.threads === engine.threads),
  );
}

/** Measures all points of the settings that are not known. @returns all that is known then */
export async function* study(
  settings: EfficiencySettings,
  tell: TellPoint = () => {},
): AsyncGenerator<EfficiencyResult> {
  const path = resultsPath(settings.out, "efficiency");
  const limit = await limitOf({ ...settings, repeat: 1 });
  const known = [...(path && !settings.again ? knownIn(path, limit.engine) : [])];
  const isKnown = (point: Point) => known.some((one) => isSamePoint(one, point) && (isMeasured(one) || point.planned));
  const points = pointsOf(settings).filter((point) => !isKnown(point));
  const keep = keeper(path, limit);
  const inNotebook = lateProgress("Efficiency", points.length);
  const pace = paceOf(points, settings, limit);
  for (const [index, point] of points.entries()) {
    tell(pointName(point), index, points.length, pace.left(index));
    inNotebook(index, pointName(point));
    const result = await measurePoint(point, settings, known);
    const isNews = isMeasured(result) || !known.some((one) => isSamePoint(one, result) && !isMeasured(one));
    if (isNews) await keep(result);
    known.push(result);
    yield result;
  }
  inNotebook(points.length);
}

/** Writes each result to the file as it comes. */
function keeper(
  path: string | undefined,
  { engine, gflops_per_s }: Limit,
): (result: EfficiencyResult) => Promise<void> {
  if (!path) return async () => {};
  const here = machine();
  const results: EfficiencyResult[] = [];
  const run = {
    id: randomUUID().slice(0, 8),
    date: new Date().toISOString(),
    commit: commit(),
    device: engine.device,
    versions: { node: process.versions.node, tfjs: tf.version_core, [engine.name]: engine.version },
    limit_gflops_per_s: Math.round(gflops_per_s),
  };
  return async (result) => {
    results.push(result);
    const aside = await keepRun(path, here, { ...run, results });
    if (aside) console.error(`bench: ${path} was no file of results; it is kept as ${aside}`);
  };
}

/** Seconds that starting a process, making a model and planning take, about. */
const startSeconds = 6;
/** Numbers that a frame passes through, as a share of what its products cost at the machine's limit. */
const effort = 0.4;

/** Estimates the time that is left from the operations of the points, and from how long those before took. */
function paceOf(points: readonly Point[], { runs, limit }: EfficiencySettings, { gflops_per_s }: Limit) {
  const costs = points.map(({ planned, seconds, batch, size }) => {
    if (planned) return 1;
    const parameters = { tiny: 0.2e6, base: 94e6, large: 314e6 }[size];
    const pass = (2 * parameters * 25 * seconds * batch) / (effort * gflops_per_s * 1e9);
    return startSeconds + pass + Math.max(Math.min(3, runs) * pass, Math.min(runs * pass, limit));
  });
  const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
  const began = performance.now();
  return {
    left(done: number): number {
      const elapsed = (performance.now() - began) / 1000;
      const pace = done === 0 ? 1 : elapsed / sum(costs.slice(0, done));
      return pace * sum(costs.slice(done));
    },
  };
}
