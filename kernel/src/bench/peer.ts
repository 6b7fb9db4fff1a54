// Another program that does the same work, named on the command line.
import { spawn } from "node:child_process";
import { outcome } from "./apart";
import type { PeerMeasurement } from "./measurement";
import type { Settings } from "./options";
import type { Case } from "./work";

/**
 * Runs one case of another program that takes the flags of `bestrq bench` (and `--train`) and prints a JSON object a line.
 *
 * @param command as a shell takes it: `python3 baseline.py`
 * @throws Error if it fails, or prints no such line
 */
export function runPeer(
  command: string,
  { work, mixer, size, seconds, batch }: Case,
  { threads, repeat }: Settings,
): Promise<Omit<PeerMeasurement, "rounds_s">> {
  const flags = { mixers: mixer, seconds, batch, threads, repeat, size };
  const words = Object.entries(flags).map(([name, value]) => `--${name} ${value}`);
  if (work === "train") words.push("--train");
  const child = spawn(`${command} ${words.join(" ")}`, { shell: true, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  return outcome(child, () => {
    const line = printed
      .split("\n")
      .map(parsed)
      .find((each) => each && each.best_s > 0);
    if (line) return { ...line, peer: String(line.peer ?? "peer") };
    throw undefined;
  });
}

function parsed(line: string): Omit<PeerMeasurement, "rounds_s"> | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // it may print other things too
  }
}
