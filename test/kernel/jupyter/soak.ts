// Many cells at random: whatever people do with a kernel in a long day. What it began with is what it ends with.
import { readdirSync, readFileSync } from "node:fs";
import type { Random } from "bestrq/tensor/random";
import type { Client } from "./client";

/** What the processes of a kernel hold. */
export interface Holdings {
  /** MiB, of both processes. */
  memory: number;
  /** Open files, pipes and sockets, of both processes. */
  handles: number;
  /** Front, executor, and whatever they have started. */
  processes: number;
}

/** Looks at the processes of a kernel; Linux alone tells. */
export function holdings(client: Client): Holdings {
  const pids = family(client.kernel.pid!);
  const resident = (pid: number) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  const sum = (of: (pid: number) => number) => pids.reduce((total, pid) => total + of(pid), 0);
  return {
    memory: Math.round(sum(resident) / 1024),
    handles: sum((pid) => readdirSync(`/proc/${pid}/fd`).length),
    processes: pids.length,
  };
}

function family(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean);
  return [pid, ...children.flatMap((child) => family(Number(child)))];
}

/** A busy machine may take long to start an executor; what takes longer hangs (milliseconds). */
const patience = 120_000;

type Act = (client: Client, random: Random) => Promise<void>;

/** Runs a cell that is to end like this. */
async function run(client: Client, code: string, status: string, ename?: string): Promise<void> {
  const { content } = await client.finished(await client.submit(code), patience);
  if (content.status !== status || content.ename !== ename) throw new Error(`${code}: ${JSON.stringify(content)}`);
}

async function interrupted(client: Client, code: string, random: Random): Promise<void> {
  const id = await client.submit(code);
  await client.until(({ type, parent }) => type === "execute_input" && parent.msg_id === id);
  await new Promise((resolve) => setTimeout(resolve, random.integer(40)));
  await client.ask("interrupt_request", {}, { control: true });
  const { content } = await client.finished(id, patience);
  if (content.ename !== "KeyboardInterrupt") throw new Error(`${code}: ${JSON.stringify(content)}`);
}

/** What happens how often in a hundred cells. */
const acts: Array<[number, Act]> = [
  [40, (client, random) => run(client, `let n = ${random.integer(100)}; n * 2`, "ok")],
  [15, (client) => run(client, "await new Promise((r) => setTimeout(r, 1)); [1, 2, 3].map((x) => x ** 2)", "ok")],
  [12, (client) => run(client, "throw new TypeError('on purpose')", "error", "TypeError")],
  [6, (client) => run(client, "const wrong: number = 'text'", "error", "TypeScriptError")],
  [8, (client) => run(client, "for (let i = 0; i < 2000; i++) console.log('line ' + i)", "ok")],
  [4, (client) => run(client, "void process.stdout.write('x'.repeat(1_000_000))", "ok")],
  [5, (client) => client.ask("complete_request", { code: "Math.hyp", cursor_pos: 8 }).then(() => {})],
  [3, (client) => run(client, "setTimeout(() => console.log('late'), 5); undefined", "ok")],
  [2, (client, random) => interrupted(client, "while (true) {}", random)],
  [2, (client, random) => interrupted(client, "while (true) console.log('flood')", random)],
  [2, (client, random) => interrupted(client, "await new Promise(() => {})", random)],
  [1, (client) => client.restart()],
  [1, (client) => run(client, "process.kill(process.pid, 'SIGKILL'); while (true) {}", "error", "ExecutorDied")],
];
const total = acts.reduce((sum, [weight]) => sum + weight, 0);

/** How many of {@link acts}, at their end, take a process with them. */
const ends = 2;

/** Does `cells` things at random. */
export async function soak(client: Client, cells: number, random: Random, deaths = true): Promise<void> {
  for (let cell = 0; cell < cells; cell++) {
    let ticket = random.integer(deaths ? total : total - ends);
    const act = acts.find(([weight]) => {
      ticket -= weight;
      return ticket < 0;
    })![1];
    await act(client, random);
    client.messages.length = 0; // or the test would be what grows
  }
}
