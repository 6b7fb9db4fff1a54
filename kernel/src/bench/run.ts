// Measures case after case, each in a process of its own; beside another program, in turns.
import { lateProgress } from "../figures";
import { apart, type Limit, type Passes } from "./apart";
import { type Measurement, median, type PeerMeasurement, type Result, rounded, workName } from "./measurement";
import { type BenchOptions, casesOf, type Settings, settingsOf } from "./options";
import { type PeerPasses, runPeer } from "./peer";
import type { Case } from "./work";

/** Finds the engine and what it can reach. @throws Error if the backend cannot be used */
export const limitOf = ({
  backend,
  threads,
  repeat,
}: Pick<Settings, "backend" | "threads" | "repeat">): Promise<Limit> => apart({ backend, threads, repeat });

/** Told before each process begins: how many have begun, of how many, and what this one does. */
export type Tell = (begun: number, total: number, what: string) => void;

/** One of the programs that take turns at a case. */
interface Side {
  readonly name: "ours" | "peer";
  /** Does it once, in a process. */
  run(): Promise<void>;
  /** All that it did. */
  result(): Measurement | PeerMeasurement;
}

/** Measures all cases. A failure is a result too, and the others go on. */
export async function* measure(
  cases: readonly Case[],
  settings: Settings,
  limit: Limit,
  tell: Tell = () => {},
): AsyncGenerator<Result> {
  const total = cases.length * settings.rounds * (settings.peer ? 2 : 1);
  const inNotebook = lateProgress("Benchmark", total);
  let begun = 0;
  for (const task of cases) {
    const { mixer, size, seconds, batch } = task;
    const work = workName(task.work);
    const sides = [ours(task, settings, limit), ...(settings.peer ? [theirs(task, settings)] : [])];
    const errors = new Map<Side, string>();
    for (let round = 0; round < settings.rounds; round++) {
      for (const side of sides) {
        const what = `${side.name}: ${mixer}, ${seconds} s, ${work}`;
        tell(begun, total, what);
        inNotebook(begun++, what);
        if (!errors.has(side)) await side.run().catch((error: Error) => errors.set(side, error.message));
      }
    }
    for (const side of sides) {
      const error = errors.get(side);
      const peer = side.name === "peer" ? { peer: "peer" } : {};
      yield error === undefined ? side.result() : { ...peer, mixer, size, seconds, batch, work, error };
    }
  }
  inNotebook(total);
}

function ours(task: Case, { backend, threads, repeat }: Settings, limit: Limit): Side {
  const rounds: Passes[] = [];
  return {
    name: "ours",
    run: async () => void rounds.push(await apart<Passes>({ task, backend, threads, repeat })),
    result(): Measurement {
      const [{ engine, parameters, flops, compile_s }] = rounds;
      const times = rounds.flatMap(({ times_s }) => times_s);
      const best = Math.min(...times);
      const gflopsPerSecond = flops / best / 1e9;
      const limits = [limit, ...rounds].map(({ gflops_per_s }) => gflops_per_s);
      return {
        backend: engine.name,
        mixer: task.mixer,
        size: task.size,
        parameters,
        seconds: task.seconds,
        batch: task.batch,
        threads: engine.threads,
        work: workName(task.work),
        best_s: rounded(best),
        peak_bytes: rounds.find(({ peak_bytes }) => peak_bytes)?.peak_bytes ?? null,
        peak_rss_mib: Math.max(...rounds.map(({ peak_rss_mib }) => peak_rss_mib)),
        median_s: rounded(median(times)),
        worst_s: rounded(Math.max(...times)),
        first_s: rounded(rounds[0].first_s),
        compile_s: rounded(compile_s),
        repeat: times.length,
        rounds_s: rounds.map(({ times_s }) => rounded(Math.min(...times_s))),
        gflops_per_s: rounded(gflopsPerSecond),
        limit_share: rounded(gflopsPerSecond / Math.max(...limits)),
      };
    },
  };
}

function theirs(task: Case, settings: Settings): Side {
  const rounds: PeerPasses[] = [];
  return {
    name: "peer",
    run: async () => void rounds.push(await runPeer(task, settings)),
    result(): PeerMeasurement {
      const times = rounds.map(({ best_s }) => best_s);
      const memory = rounds.map(({ peak_rss_mib = 0 }) => peak_rss_mib);
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
