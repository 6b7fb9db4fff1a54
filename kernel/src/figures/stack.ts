// From a log of allocations to the areas of a figure: live bytes over time, one series per part of the model.
// Pure, without imports: the SVG and the extension both draw what this computes.

/** The columns of a memory trace, one entry per event. */
export interface MemoryColumns {
  readonly length: number;
  readonly timeUs: ArrayLike<number>;
  readonly deltaBytes: ArrayLike<number>;
  readonly liveBytes: ArrayLike<number>;
  /** The layer that allocated the bytes, also where they are freed. */
  readonly layer: ArrayLike<string>;
  readonly phase: ArrayLike<string>;
  /** The op of the event. */
  readonly op?: ArrayLike<string>;
  /** What the bytes are for; of a tensor, what its last event tells. */
  readonly kind?: ArrayLike<string>;
  /** Number of the tensor, 0 where it has none: pairs an allocation with its release. */
  readonly tensor?: ArrayLike<number>;
}

/** What a trace can be stacked by. */
export type StackedBy = "layer" | "op" | "kind";
/** Every one of them, in the order in which they are offered. */
export const stackings: readonly StackedBy[] = ["layer", "op", "kind"];
/** The kinds of memory, from the bottom of a stack. */
const kinds = ["parameters", "optimizer", "gradients", "activations", "workspace"];

/** Stacked series over shared points in time. */
export interface MemoryStack {
  /** Time of each point in microseconds since the first event. */
  readonly timeUs: number[];
  /** The event at each point. */
  readonly rows: number[];
  /** From the bottom: what was there before, the biggest parts in the order of the model, everything else. */
  readonly series: { readonly name: string; readonly kind: "before" | "part" | "other"; readonly bytes: number[] }[];
  /** Where live bytes were highest. */
  readonly peak: { readonly row: number; readonly timeUs: number; readonly bytes: number } | undefined;
  /** Where each phase begins. */
  readonly phases: { readonly name: string; readonly timeUs: number }[];
}

export interface StackOptions {
  /** Default: the layer. */
  readonly by?: StackedBy;
  /** Parts shown by themselves (default 12); the rest is added up. */
  readonly parts?: number;
  /** About how many points are kept (default 600). Of each stretch of time its highest point stays, so no peak is lost. */
  readonly points?: number;
  /** Only this stretch of time, in microseconds since the first event. */
  readonly between?: readonly [fromUs: number, toUs: number];
}

/** Aggregates the events for drawing. */
export function stackMemory(events: MemoryColumns, options: StackOptions = {}): MemoryStack {
  const { by = "layer", parts = 12, points = 600, between } = options;
  if (events.length === 0) return { timeUs: [], rows: [], series: [], peak: undefined, phases: [] };
  const start = events.timeUs[0];
  const since = (row: number) => events.timeUs[row] - start;
  const labels = labelsOf(events, by);
  const partOf =
    by === "layer" ? partsOf(events, parts) : new Map(ordered(labels).map((label) => [label, label || noName[by]]));
  const rows = highestRows(events, points, between ?? [0, since(events.length - 1)], since);

  const before = Math.max(0, events.liveBytes[0] - events.deltaBytes[0]);
  const biggest = biggestParts(mostHeld(events, labels, partOf), parts);
  const names = [...new Set(partOf.values())];
  const shown = names.filter((name) => biggest.has(name));
  const series: MemoryStack["series"] = shown.map((name) => ({ name, kind: "part", bytes: [] }));
  if (before > 0) series.unshift({ name: "held before", kind: "before", bytes: [] });
  if (shown.length < names.length) series.push({ name: "everything else", kind: "other", bytes: [] });

  const held = new Map(series.map(({ name, kind }) => [name, kind === "before" ? before : 0]));
  let row = 0;
  for (const kept of rows) {
    for (; row <= kept; row++) {
      const part = partOf.get(labels[row])!;
      const name = biggest.has(part) ? part : "everything else";
      held.set(name, held.get(name)! + events.deltaBytes[row]);
    }
    for (const { name, bytes } of series) bytes.push(Math.max(0, held.get(name)!));
  }
  return { timeUs: rows.map(since), rows, series, peak: peakOf(events, since), phases: phasesOf(events, since) };
}

const noName = { op: "(no op)", kind: "(no kind)" } as const;

/** What each event's bytes are stacked under: the same where they are allocated and where they are freed. */
function labelsOf(events: MemoryColumns, by: StackedBy): ArrayLike<string> {
  const { length, tensor } = events;
  const own = events[by];
  if (by === "layer" || !own) return own ?? new Array<string>(length).fill("");
  // An op is what allocated the bytes; a kind is what they turned out to be for.
  const ofTensor = new Map<number, string>();
  for (let row = 0; row < length; row++) {
    const one = tensor?.[row] || 0;
    if (one > 0 && (by === "kind" || events.deltaBytes[row] > 0)) ofTensor.set(one, own[row]);
  }
  return Array.from({ length }, (_, row) => ofTensor.get(tensor?.[row] || 0) ?? own[row]);
}

/** Each label once: kinds in their own order, then others as they come. */
function ordered(labels: ArrayLike<string>): string[] {
  const distinct = new Set(Array.from(labels));
  return [...kinds.filter((kind) => distinct.has(kind)), ...[...distinct].filter((label) => !kinds.includes(label))];
}

// Paths such as encoder.3.mixer.query are cut where there is something to see: enough parts, and none that holds more than
// a third of the peak. Of more parts than fit, the biggest are shown.
function partsOf(events: MemoryColumns, fit: number): Map<string, string> {
  const paths = [...new Set(Array.from({ length: events.length }, (_, row) => events.layer[row]))];
  const cut = (depth: number) =>
    new Map(paths.map((path) => [path, path.split(".").slice(0, depth).join(".") || "(no layer)"]));
  const deepest = Math.max(...paths.map((path) => path.split(".").length));
  const { bytes: peak } = peakOf(events, () => 0) as { bytes: number };
  for (let depth = 1; depth < deepest; depth++) {
    const parts = cut(depth);
    const most = [...mostHeld(events, events.layer, parts).values()];
    if (most.length >= fit / 2 && Math.max(...most) <= peak / 3) return parts;
  }
  return cut(deepest);
}

/** The most bytes that each part held at once. */
function mostHeld(events: MemoryColumns, labels: ArrayLike<string>, partOf: Map<string, string>): Map<string, number> {
  const held = new Map<string, number>();
  const most = new Map<string, number>();
  for (let row = 0; row < events.length; row++) {
    const part = partOf.get(labels[row])!;
    const bytes = (held.get(part) ?? 0) + events.deltaBytes[row];
    held.set(part, bytes);
    most.set(part, Math.max(most.get(part) ?? 0, bytes));
  }
  return most;
}

function biggestParts(most: Map<string, number>, parts: number): Set<string> {
  const order = [...most].sort((a, b) => b[1] - a[1]);
  return new Set(order.slice(0, parts).map(([part]) => part));
}

function highestRows(
  { length, liveBytes }: MemoryColumns,
  points: number,
  [from, to]: readonly [number, number],
  since: (row: number) => number,
): number[] {
  const span = Math.max(to - from, Number.MIN_VALUE);
  const highest: number[] = [];
  let [previous, next] = [-1, -1];
  for (let row = 0; row < length; row++) {
    const time = since(row);
    if (time < from) previous = row;
    else if (time > to) {
      next = row;
      break;
    } else {
      const bin = Math.min(points - 1, Math.floor(((time - from) / span) * points));
      if (highest[bin] === undefined || liveBytes[row] > liveBytes[highest[bin]]) highest[bin] = row;
    }
  }
  // The first and the last event, and the neighbours of a stretch, so that the areas reach its edges.
  const ends = [previous, previous < 0 ? 0 : -1, next, next < 0 ? length - 1 : -1].filter((row) => row >= 0);
  return [...new Set([...highest.filter((row) => row !== undefined), ...ends])].sort((a, b) => a - b);
}

function peakOf({ length, liveBytes }: MemoryColumns, since: (row: number) => number): MemoryStack["peak"] {
  let peak = 0;
  for (let row = 1; row < length; row++) if (liveBytes[row] > liveBytes[peak]) peak = row;
  return { row: peak, timeUs: since(peak), bytes: liveBytes[peak] };
}

// A phase too short for its name to be read is left out.
function phasesOf({ length, phase }: MemoryColumns, since: (row: number) => number): MemoryStack["phases"] {
  const all: { name: string; timeUs: number }[] = [];
  for (let row = 0; row < length; row++) {
    if (row === 0 || phase[row] !== phase[row - 1]) all.push({ name: phase[row], timeUs: since(row) });
  }
  const end = since(length - 1);
  return all.filter(({ name, timeUs }, index) => {
    const next = all[index + 1]?.timeUs ?? end;
    return name !== "" && next - timeUs >= end / 15;
  });
}
