// Measures the ledger in processes of their own.
import { fork } from "node:child_process";
import { join } from "node:path";
import { ended } from "../apart";
import type { Allocator, Cost, Pass, Residence, Task } from "./task";

/** As it was built, wherever this file is run from. */
const program = join(__dirname, "../../../dist/bench/ledger/child.js");

/**
 * TensorFlow with oneDNN takes its own pool, unless it is told to take malloc; and malloc learns to keep what is released,
 * too, unless its threshold is given.
 */
const environments: Record<Allocator, Record<string, string>> = {
  pool: { TF_ONEDNN_USE_SYSTEM_ALLOCATOR: "0" },
  system: { TF_ONEDNN_USE_SYSTEM_ALLOCATOR: "1", MALLOC_MMAP_THRESHOLD_: String(2 ** 20) },
};

/** What recording costs: `repeat` passes with the ledger and as many without, in turns. */
export const ledgerCost = (pass: Pass, repeat: number): Promise<Cost> => run({ ...pass, what: "cost", repeat }, {});

/** The ledger's peak beside the growth of the resident set. @throws Error where the system is not Linux */
export function ledgerResidence(pass: Pass, allocator: Allocator): Promise<Residence> {
  if (process.platform !== "linux") {
    throw new Error(`Cannot measure the resident set: Linux tells its highest, ${process.platform} does not`);
  }
  return run({ ...pass, what: "residence", allocator }, environments[allocator]);
}

async function run<Answer>(task: Task, environment: Record<string, string>): Promise<Answer> {
  const child = fork(program, [JSON.stringify(task)], {
    env: { ...process.env, BESTRQ_JIT: "0", ...environment },
    execArgv: ["--expose-gc"],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let told: (Answer & { error?: string }) | undefined;
  child.on("message", (message) => {
    told = message as Answer & { error?: string };
  });
  const end = await ended(child);
  if (!told || told.error) throw new Error(told?.error ?? end);
  return told;
}
