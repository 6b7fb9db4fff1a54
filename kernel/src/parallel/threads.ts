// Processes that may run on the same cores divide them.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism, hostname } from "node:os";
import type { Communicator } from "./communicator";

/** Sets `BESTRQ_THREADS`, where nothing has set it, to this process's share of its cores: at least one thread. */
export async function shareCores(communicator: Communicator): Promise<void> {
  const places = new Float64Array(communicator.size);
  places[communicator.rank] = numberOf(`${hostname()} ${allowedCores()}`);
  await communicator.sum(places);
  const sharing = places.filter((place) => place === places[communicator.rank]).length;
  process.env.BESTRQ_THREADS ??= String(Math.max(1, Math.floor(availableParallelism() / sharing)));
}

/** Which cores mpirun or the system binds this process to; on Linux alone. */
function allowedCores(): string {
  const status = "/proc/self/status";
  return (existsSync(status) && /^Cpus_allowed:\s*(.*)$/m.exec(readFileSync(status, "utf8"))?.[1]) || "";
}

/** The same number for the same text alone, but for one chance in 2^48. */
const numberOf = (text: string): number => createHash("sha256").update(text).digest().readUIntBE(0, 6);
