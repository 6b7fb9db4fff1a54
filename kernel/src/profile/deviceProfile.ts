import type { Table } from "apache-arrow";
import { type DeviceSeries, type Recorded, sampleTable } from "../device";
import { bytes, type Displayable, displaySymbol, type Figure } from "../figures";
import { deviceFigure } from "./deviceFigure";

/** One series of a recording: what it measures, in words, and its values in bytes. */
export interface DeviceTrace extends DeviceSeries {
  /** When each value was sampled, in milliseconds since 1970. */
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  /** The value when the recording began, or when the series did. */
  readonly first: number;
  readonly peak: number;
  readonly last: number;
}

/** The machine's memory while something ran. A notebook shows it over time, each kind on axes of its own. */
export class DeviceProfile<R> implements Displayable {
  readonly series: readonly DeviceTrace[];
  /** Why something is missing, or ends. */
  readonly notes: readonly string[];
  /** The largest value of each series, in bytes. */
  readonly peak: Readonly<Record<string, number>>;

  constructor(
    readonly title: string,
    /** What the body returned. */
    readonly result: R,
    private readonly recorded: Recorded,
  ) {
    this.notes = recorded.notes;
    this.series = recorded.series.flatMap((one) => {
      const columns = recorded.columns.get(one.name);
      return columns ? [{ ...one, ...columns, ...ends(columns.values) }] : [];
    });
    this.peak = Object.fromEntries(this.series.map(({ name, peak }) => [name, peak]));
  }

  /** One row for each value: `time_ms` (milliseconds since 1970), `series`, `value` (bytes). */
  toArrow(): Promise<Table> {
    return sampleTable(this.recorded.columns);
  }

  /** The series over time. */
  figure(): Figure {
    return deviceFigure(this.title, this.series);
  }

  async [displaySymbol]() {
    return { ...(await this.figure()[displaySymbol]()), "text/plain": this.toString() };
  }

  toString(): string {
    const lines = this.series.map(({ label, first, peak, last, what, resolution }) => {
      return `${label}: ${bytes(first)} at first, at most ${bytes(peak)}, ${bytes(last)} at last\n  ${what}; ${resolution}`;
    });
    return [this.title, ...lines, ...this.notes.map((note) => `Note: ${note}`)].join("\n");
  }
}

function ends(values: Float64Array): { first: number; peak: number; last: number } {
  return { first: values[0], peak: values.reduce((most, value) => Math.max(most, value)), last: values.at(-1)! };
}
