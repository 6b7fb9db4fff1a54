import { appendFileSync, closeSync, openSync, readFileSync, truncateSync } from "node:fs";
import type { MetricsSink, StepMetrics } from "./metrics";

/**
 * The metrics of a run in a file, one JSON object a line, each written as soon as it is known: whatever kills the process,
 * what was measured stays. Numbers that are not finite are `null` in JSON.
 *
 * @example
 * const lines = new train.JsonLines(`${path}/metrics.jsonl`, { after: 500 }); // goes on after a checkpoint of step 500
 * for await (const metrics of run) lines.add(metrics);
 */
export class JsonLines implements MetricsSink {
  private readonly file: number;

  /**
   * @param options.after keeps the rows up to this step that are there already (default 0: none). What comes later, and a
   *   line that was not written to its end, is cut off
   * @throws Error where the file cannot be written
   */
  constructor(
    readonly path: string,
    { after = 0 }: { readonly after?: number } = {},
  ) {
    this.file = openSync(path, "a");
    truncateSync(path, keptBytes(path, after));
  }

  add(metrics: StepMetrics): void {
    appendFileSync(this.file, `${JSON.stringify(metrics)}\n`);
  }

  close(): void {
    closeSync(this.file);
  }

  /** The rows of a file, as far as its lines are whole. */
  static read(path: string): StepMetrics[] {
    return [...rows(path)].map(({ metrics }) => metrics);
  }
}

function keptBytes(path: string, after: number): number {
  let kept = 0;
  for (const { metrics, end } of rows(path)) {
    if (metrics.step > after) break;
    kept = end;
  }
  return kept;
}

/** Whole rows, and the byte after each. */
function* rows(path: string): Generator<{ metrics: StepMetrics; end: number }> {
  const bytes = readFileSync(path);
  for (let from = 0, to = bytes.indexOf(10); to >= 0; from = to + 1, to = bytes.indexOf(10, from)) {
    const metrics = parsed(bytes.toString("utf8", from, to));
    if (metrics === undefined) return;
    yield { metrics, end: to + 1 };
  }
}

function parsed(line: string): StepMetrics | undefined {
  try {
    return JSON.parse(line, (_, value) => value ?? Number.NaN) as StepMetrics;
  } catch {
    return undefined;
  }
}
