// `bestrq bench --profile`: where the time of a pass goes, by op and by layer.
import { type BackendName, backend } from "../tensor";
import { printedTable } from "./tables";
import { accountTime, type Booking } from "./timeAccount";
import { type Case, Workload } from "./work";

/** One line of the account of a pass. */
export interface Share {
  /** What it is by: `op`, `layer`, or `both`. */
  readonly by: "op" | "layer" | "both";
  readonly name: string;
  readonly phase: Booking["phase"];
  /** Mean of the passes. */
  readonly seconds: number;
  /** Of the whole pass, 0 to 1. */
  readonly share: number;
  /** Ops in a pass. */
  readonly calls: number;
}

/** The account of a case's passes (mean of `repeat`, after one that is not counted), largest shares first. */
export async function profileCase(task: Case, repeat: number): Promise<{ seconds: number; shares: Share[] }> {
  const workload = new Workload(task);
  try {
    await workload.pass();
    const bookings = await accountTime(async () => {
      for (let i = 0; i < repeat; i++) await workload.pass();
    });
    const seconds = bookings.reduce((sum, booking) => sum + booking.seconds, 0) / repeat;
    const by = (kind: Share["by"], name: (booking: Booking) => string) =>
      sumBy(bookings, name).map(({ seconds: all, calls, ...rest }): Share => {
        return { by: kind, ...rest, seconds: all / repeat, share: all / repeat / seconds, calls: calls / repeat };
      });
    const shares = [
      ...by("op", ({ op }) => op),
      ...by("layer", ({ layer }) => alike(layer)),
      ...by("both", ({ layer, op }) => `${alike(layer)} ${op}`),
    ];
    return { seconds, shares };
  } finally {
    workload.dispose();
  }
}

/** All twelve layers are one line: `encoder.3.mixer` becomes `encoder.*.mixer`. */
const alike = (layer: string) => layer.replace(/^encoder\.\d+/, "encoder.*") || "(outside of layers)";

function sumBy(bookings: readonly Booking[], nameOf: (booking: Booking) => string) {
  const sums = new Map<string, { name: string; phase: Booking["phase"]; seconds: number; calls: number }>();
  for (const booking of bookings) {
    const [name, { phase }] = [nameOf(booking), booking];
    const key = `${phase} ${name}`;
    const sum = sums.get(key) ?? { name, phase, seconds: 0, calls: 0 };
    sum.seconds += booking.seconds;
    sum.calls += booking.calls;
    sums.set(key, sum);
  }
  return [...sums.values()].sort((a, b) => b.seconds - a.seconds);
}

const smallest = 0.005;

/** Prints the account of each case: tables, or one JSON object a line. */
export async function printProfile(
  cases: readonly Case[],
  { backend: name, threads, repeat, json }: { backend: BackendName; threads: number; repeat: number; json: boolean },
): Promise<void> {
  process.env.BESTRQ_THREADS = String(threads);
  const status = await backend.use(name);
  for (const task of cases) {
    const { seconds, shares } = await profileCase(task, repeat);
    if (json) {
      for (const share of shares) console.log(JSON.stringify({ ...task, ...share }));
      continue;
    }
    const { work, mixer, size, batch } = task;
    console.log(
      `\n${mixer}, ${size}, ${work}, ${task.seconds} s, batch ${batch}, on ${status.name}: ${seconds.toFixed(3)} s\n`,
    );
    for (const by of ["op", "layer", "both"] as const) {
      const lines = shares.filter((share) => share.by === by && share.share >= smallest);
      console.log(`${shown(lines, by)}\n`);
    }
  }
}

function shown(lines: readonly Share[], by: Share["by"]): string {
  const columns = [
    { key: "name", label: { op: "op", layer: "layer", both: "layer and op" }[by] },
    ...(lines.some(({ phase }) => phase === "backward") ? ["phase"] : []),
    { key: "seconds", label: "ms", format: (value: unknown) => (1000 * Number(value)).toFixed(1) },
    { key: "share", format: (value: unknown) => `${(100 * Number(value)).toFixed(1)} %` },
    { key: "calls", format: (value: unknown) => String(value) },
    { key: "bar", label: "" },
  ];
  const rows = lines.map((line) => ({ ...line, bar: "█".repeat(Math.round(40 * line.share)) }));
  return printedTable(rows, columns);
}
