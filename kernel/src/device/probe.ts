// What every source of figures has in common: it says what it can measure here, and measures it.

/** Where a series comes from. Series of different groups overlap: they are never added up. */
export type DeviceGroup = "device" | "process" | "tensorflow" | "webgpu" | "wasm";

/** One quantity that is sampled over time. */
export interface DeviceSeries {
  /** Names it in data: `process.rss`, `gpu0.used`. */
  readonly name: string;
  /** Names it for people. */
  readonly label: string;
  readonly unit: "bytes";
  /** What exactly is measured, in words. */
  readonly what: string;
  /** How fine it is, and what it misses, in words. */
  readonly resolution: string;
  readonly group: DeviceGroup;
  /** The bytes at which there is no more, where that is known. */
  readonly limit?: number;
}

/** Bytes by name of series. */
export type Values = Readonly<Record<string, number>>;

/** A source of series. What it lacks it says once, in a note; it never throws. */
export abstract class Probe {
  /** What it measures, replaced as a whole when that changes. */
  series: readonly DeviceSeries[] = [];
  /** What the user should know, such as why something is missing. */
  notes: readonly string[] = [];

  /** Measures now. What takes longer than a millisecond happens elsewhere: a thread that samples has other duties. */
  abstract sample(): Values | Promise<Values>;

  /** Begins high-water marks anew. */
  restart(): void | Promise<void> {}

  protected note(text: string): void {
    if (!this.notes.includes(text)) this.notes = [...this.notes, text];
  }
}
