// Measures case after case, each in a process of its own; beside another program, in turns.
import { lateProgress } from "../figures";
import { type Answer, apart } from "./apart";
import {
  type Failure,
  type Measurement,
  median,
  type PeerMeasurement,
  type Result,
  rounded,
  workName,
} from "./measurement";
import { type BenchOptions, casesOf, type Settings, settingsOf } from "./options";
import { runPeer } from "./peer";
import type { Case } from "./work";

/** The engine that measures, and what it can reach. */
export type Limit = Pick<Answer, "engine" | "gflops_per_s">;

/** Finds the engine and its limit. @throws Error if the backend cannot be used */
export async function limitOf(settings: Settings): Promise<Limit> {
  return (await apart(settings)) as Limit;
}

/** Told before each process begins: which of how many, and what it does. */
export type Tell = (begun: number, total: number, what: string) => void;

/** One of the programs that take turns at a case. */
interface Side {
  readonly name: string;
  /** Does it once. */
  run(): Promise<void>;
  /** All that it did. */
  result(): Result;
}

/** Measures all cases. A failure is a result too; the others go on. */
export async function* measure(
  cases: readonly Case[],
  settings: Settings,
  limit: Limit,
  tell: Tell = () => {},
): AsyncGenerator<Result> {
  const sidesOf = (task: Case) => [ours(task, settings, limit), ...(settings.peer ? [theirs(task, settings)] : [])];
  const total = cases.length * settings.rounds * (settings.peer ? 2 : 1);
  const inNotebook = lateProgress("Benchmark", total);
  let begun = 0;
  for (const task of cases) {
    const failures = new Map<Side, Failure>();
    const sides = sidesOf(task);
    for (let round = 0; round < settings.rounds; round++) {
      for (const side of sides) {
        const what = `${side.name}: ${task.mixer}, ${task.seconds} s, ${workName(task.work)}`;
        tell(begun, total, what);
        inNotebook(begun++, what);
        if (failures.has(side)) continue;
        try {
          await side.run();
        } catch (error) {
          const { mixer, size, seconds, batch } = task;
          const peer = side.name === "peer" ? { peer: "peer" } : {};
          const failed = { mixer, size, seconds, batch, work: workName(task.work), ...peer };
          failures.set(side, { ...failed, error: (error as Error).message });
        }
      }
    }
    for (const side of sides) yield failures.get(side) ?? side.result();
  }
  inNotebook(total);
}

function ours(task: Case, { backend, threads, repeat }: Settings, { engine, gflops_per_s }: Limit): Side {
  const rounds: Answer[] = [];
  return {
    name: "ours",
    async run() {
      const answer = await apart({ task, backend, threads, repeat });
      if (!answer.times_s) throw new Error("The process ended before it had measured");
      rounds.push(answer as Answer);
    },
    result(): Measurement {
      const [{ parameters, flops, engine: used = engine }] = rounds;
      const times = rounds.flatMap(({ times_s }) => times_s);
      const best = Math.min(...times);
      return {
        backend: used.name,
        mixer: task.mixer,
        size: task.size,
        parameters,
        seconds: task.seconds,
        batch: task.batch,
        threads: used.threads,
        work: workName(task.work),
        best_s: rounded(best),
        peak_bytes: rounds.find(({ peak_bytes }) => peak_bytes)?.peak_bytes ?? null,
        peak_rss_mib: Math.max(...rounds.map(({ peak_rss_mib }) => peak_rss_mib)),
        median_s: rounded(median(times)),
        worst_s: rounded(Math.max(...times)),
        first_s: rounded(Math.min(...rounds.map(({ first_s }) => first_s))),
        repeat: times.length,
        rounds_s: rounds.map(({ times_s }) => rounded(Math.min(...times_s))),
        gflops_per_s: rounded(flops / best / 1e9),
        limit_share: rounded(flops / best / 1e9 / gflops_per_s),
      };
    },
  };
}

function theirs(task: Case, settings: Settings): Side {
  const rounds: Omit<PeerMeasurement, "rounds_s">[] = [];
  return {
    name: "peer",
    async run() {
      rounds.push(await runPeer(settings.peer, task, settings));
    },
    result(): PeerMeasurement {
      const times = rounds.map(({ best_s }) => best_s);
      const memory = rounds.map(({ peak_rss_mib }) => peak_rss_mib ?? 0);
      return { ...rounds[0], best_s: Math.min(...times), peak_rss_mib: Math.max(...memory), rounds_s: times };
    },
  };
}

/** Measures every case of the options; checks them at once. */
export function measureAll(work: Case["work"], options: BenchOptions): AsyncGenerator<Result> {
  const settings = settingsOf(options);
  return (async function* () {
    yield* measure(casesOf(work, settings), settings, await limitOf(settings));
  })();
}
