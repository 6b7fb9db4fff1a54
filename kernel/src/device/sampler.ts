// Asks every probe at intervals. It runs beside the thread that computes, so that a computation is seen while it runs.
import { setTimeout as pause } from "node:timers/promises";
import { GaugeProbe } from "./gauges";
import type { DeviceSeries, Probe, Values } from "./probe";

/** What can be measured here, and what the user should know about that. */
export interface Description {
  readonly series: readonly DeviceSeries[];
  readonly notes: readonly string[];
}

export interface SampleListener {
  /** Called first, and again when series or notes have changed. */
  onDescription(description: Description): void;
  /** Called with what was measured at a time (milliseconds since 1970). Sources that are slow come by themselves. */
  onValues(timeMs: number, values: Values): void;
}

/** The shortest interval between samples (milliseconds). */
export const shortestInterval = 50;

/** How long a source may take where an answer of all is waited for (milliseconds). */
const patience = 3000;

export class Sampler {
  readonly gauges = new GaugeProbe();
  private readonly probes: readonly Probe[];

  constructor(probes: readonly Probe[]) {
    this.probes = [...probes, this.gauges];
  }

  describe(): Description {
    return {
      series: this.probes.flatMap(({ series }) => series),
      notes: [...new Set(this.probes.flatMap(({ notes }) => notes))],
    };
  }

  /** Samples once: fulfilled when every source has answered, but for one that hangs. */
  async once(): Promise<Description & { timeMs: number; values: Values }> {
    const values = await Promise.all(this.probes.map((probe) => inTime(probe.sample())));
    return { ...this.describe(), timeMs: Date.now(), values: Object.assign({}, ...values) };
  }

  /** Begins high-water marks anew. */
  async restart(): Promise<void> {
    await Promise.all(this.probes.map((probe) => inTime(probe.restart())));
  }

  /** Samples now and every `intervalMs` until the function that is returned is called. */
  listen(listener: SampleListener, intervalMs: number): () => void {
    let told: unknown[] = [];
    let open = true;
    const busy = new Set<Probe>();
    const tell = (values: Values) => {
      const now = this.probes.flatMap(({ series, notes }) => [series, notes]);
      if (now.some((part, index) => part !== told[index])) listener.onDescription(this.describe());
      told = now;
      if (Object.keys(values).length > 0) listener.onValues(Date.now(), values);
    };
    const late = (probe: Probe, promise: Promise<Values>) => {
      busy.add(probe);
      promise.then((values) => {
        busy.delete(probe);
        if (open) tell(values);
      });
    };
    const sample = () => {
      const values: Record<string, number> = {};
      for (const probe of this.probes) {
        if (busy.has(probe)) continue;
        const answer = probe.sample();
        if (answer instanceof Promise) late(probe, answer);
        else Object.assign(values, answer);
      }
      tell(values);
    };
    const timer = setInterval(sample, Math.max(shortestInterval, intervalMs));
    sample();
    return () => {
      open = false;
      clearInterval(timer);
    };
  }
}

function inTime<R>(answer: R | Promise<R>): Promise<R | undefined> {
  return Promise.race([answer, pause(patience, undefined, { ref: false })]);
}
