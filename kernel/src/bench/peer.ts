// Another program that does the same work, named on the command line.
import { spawn } from "node:child_process";
import { ended } from "./apart";
import type { PeerMeasurement } from "./measurement";
import type { Settings } from "./options";
import type { Case } from "./work";

/** What the other program tells of one process. */
export type PeerPasses = Omit<PeerMeasurement, "rounds_s">;

/**
 * Runs one case of another program that takes the flags of `bestrq bench` (and `--train`) and prints a JSON object a line.
 * What it is called with is ours and checked, so that a shell may read it.
 *
 * @param settings.peer the command as a shell takes it: `python3 baseline.py`
 * @throws Error if it prints no such line
 */
export async function runPeer(
  { work, mixer, size, seconds, batch }: Case,
  { peer: command, threads, repeat }: Settings,
): Promise<PeerPasses> {
  const flags = { mixers: mixer, seconds, batch, threads, repeat, size };
  const words = Object.entries(flags).map(([name, value]) => `--${name} ${value}`);
  if (work === "train") words.push("--train");
  const child = spawn(`${command} ${words.join(" ")}`, { shell: true, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  const end = await ended(child);
  const line = printed
    .split("\n")
    .map(parsed)
    .find((each) => each && each.best_s > 0);
  if (!line) throw new Error(end);
  return { ...line, peer: String(line.peer ?? "peer") };
}

function parsed(line: string): PeerPasses | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // it may print other things too
  }
}
