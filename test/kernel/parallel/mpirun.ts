// Runs programs in several processes, as a shell does by mpirun.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

/** As built, since it runs in processes of its own; a room alone, since that starts sooner than all. */
const built = (room: string) => JSON.stringify(fileURLToPath(new URL(`../../../kernel/dist/${room}`, import.meta.url)));

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in as many processes, on fewer cores if need be, and waits for its end. */
export function mpirun(processes: number, command: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const asRoot = { OMPI_ALLOW_RUN_AS_ROOT: "1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1" };
  const args = ["--oversubscribe", "--bind-to", "none", "-n", String(processes), ...command];
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...asRoot, ...env }, timeout: 600_000, maxBuffer: 2 ** 26 };
    const child = execFile("mpirun", args, options, (error, stdout, stderr) => {
      resolve({ code: error ? (Number(error.code) || 1) : 0, stdout, stderr }); // biome-ignore format: one line
    });
    child.stdin?.end();
  });
}

/**
 * Runs code in as many processes, each with `communicator`, `rank`, `parallel`, `backend` and `tf` in scope.
 *
 * @returns what each process gave to `tell`, in the order of ranks
 * @throws Error with its last words where it failed
 */
export async function inProcesses(processes: number, code: string, env: NodeJS.ProcessEnv = {}): Promise<unknown[]> {
  const { code: exit, stdout, stderr } = await endOf(processes, code, env);
  if (exit !== 0) throw new Error(`mpirun ended with ${exit}: ${stderr}`);
  const told = stdout.trim().split("\n").filter(Boolean).map((line) => JSON.parse(line)); // biome-ignore format: one line
  return told.sort((a, b) => a.rank - b.rank).map(({ said }) => said);
}

/** The same, and how it ended. */
export function endOf(processes: number, code: string, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const program = `(async () => {
    const parallel = require(${built("parallel")});
    const { backend, tf } = require(${built("tensor")});
    const communicator = await parallel.communicator();
    const { rank, size } = communicator;
    const tell = (said) => process.stdout.write(JSON.stringify({ rank, said }) + "\\n");
    ${code}
    await communicator.close();
  })()`;
  return mpirun(processes, [process.execPath, "-e", program], env);
}
