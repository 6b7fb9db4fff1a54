// What only the computing thread knows, read from another one while it computes: it writes numbers where both can see them.
import { type DeviceSeries, Probe, type Values } from "./probe";

/** A series and the place of its present value: one float64 that threads share. */
export interface Gauge {
  readonly series: DeviceSeries;
  readonly place: SharedArrayBuffer;
}

const published = new Map<string, Gauge>();
const listeners = new Set<(gauge: Gauge) => void>();

/**
 * Publishes a number. Setting it costs one write to memory; whoever samples sees the value of that moment.
 *
 * @returns sets the value
 */
export function publishGauge(series: DeviceSeries): (value: number) => void {
  const gauge = { series, place: new SharedArrayBuffer(8) };
  const present = new Float64Array(gauge.place);
  published.set(series.name, gauge);
  for (const listener of listeners) listener(gauge);
  return (value) => {
    present[0] = value;
  };
}

/** Calls `listener` with every gauge that there is, and with those to come. */
export function onGauge(listener: (gauge: Gauge) => void): void {
  listeners.add(listener);
  for (const gauge of published.values()) listener(gauge);
}

/** Reads the gauges that it was given, in whatever thread. */
export class GaugeProbe extends Probe {
  readonly #gauges = new Map<string, Float64Array>();

  /** One of the same name takes the place of another. */
  add({ series, place }: Gauge): void {
    this.#gauges.set(series.name, new Float64Array(place));
    this.series = [...this.series.filter(({ name }) => name !== series.name), series];
  }

  sample(): Values {
    return Object.fromEntries([...this.#gauges].map(([name, [value]]) => [name, value]));
  }
}
