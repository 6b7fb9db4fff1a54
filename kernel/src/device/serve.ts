// The sampling thread's end of a connection: whoever computes asks it for samples and recordings, also while others listen.
import type { MessagePort } from "node:worker_threads";
import type { Gauge } from "./gauges";
import type { Values } from "./probe";
import type { Description, Sampler } from "./sampler";
import { type Columns, Trails } from "./trail";

/** What the computing thread asks. */
export type Request =
  | { op: "gauge"; gauge: Gauge }
  | { op: "once"; id: number }
  /** The same for a thread that stands still meanwhile: told by `to`, and then by a 1 in `done`, which wakes it. */
  | { op: "now"; to: MessagePort; done: Int32Array }
  /** Record until `end` with the same id. */
  | { op: "begin"; id: number; intervalMs: number }
  | { op: "end"; id: number };

/** One moment. */
export interface Moment extends Description {
  readonly timeMs: number;
  readonly values: Values;
}

/** What was sampled from `begin` to `end`. */
export interface Recorded extends Description {
  readonly columns: ReadonlyMap<string, Columns>;
}

export type Answer = { id: number } & (Moment | Recorded | { begun: true });

/** Of longer recordings neighbouring values are merged, the larger one is kept. */
const mostRows = 20_000;

/** Answers what comes by `port` until that is closed. */
export function serve(port: MessagePort, sampler: Sampler): void {
  const recordings = new Map<number, { trails: Trails; stop(): void }>();
  const answer = async (request: Exclude<Request, { op: "gauge" | "now" }>): Promise<Answer> => {
    const { id, op } = request;
    if (op === "begin") {
      await sampler.restart();
      const trails = new Trails(mostRows);
      const add = ({ timeMs, values }: Moment) => trails.add(timeMs, values);
      add(await sampler.once());
      const stop = sampler.listen(
        { onDescription() {}, onValues: (timeMs, values) => trails.add(timeMs, values) },
        request.intervalMs,
      );
      recordings.set(id, { trails, stop });
      return { id, begun: true };
    }
    const moment = await sampler.once();
    if (op === "once") return { id, ...moment };
    const recording = recordings.get(id);
    recording?.stop();
    recordings.delete(id);
    recording?.trails.add(moment.timeMs, moment.values);
    return { id, ...sampler.describe(), columns: recording?.trails.columns() ?? new Map() };
  };
  port.on("message", (request: Request) => {
    if (request.op === "gauge") sampler.gauges.add(request.gauge);
    else if (request.op === "now") void sampler.once().then((moment) => wake(request, moment));
    else void answer(request).then((told) => port.postMessage(told));
  });
  port.on("close", () => {
    for (const { stop } of recordings.values()) stop();
  });
}

function wake({ to, done }: Extract<Request, { op: "now" }>, moment: Moment): void {
  to.postMessage(moment);
  Atomics.store(done, 0, 1);
  Atomics.notify(done, 0);
}
