// Another program that does the same work, named on the command line.
import { spawn } from "node:child_process";
import { ended } from "./apart";
import type { PeerMeasurement } from "./measurement";
import type { Settings } from "./options";
import type { Case } from "./work";

/** What the other program tells of one process. */
export type PeerPasses = Omit<PeerMeasurement, "rounds_s">;

/** Runs one case of another program that takes the flags of `bestrq bench` (and `--train`) and prints a JSON object a line.
 *
 * @param settings.peer the command as a shell takes it: `python3 baseline.py`
 * @throws Error if it prints no such line
 */
export async function runPeer(
  { work, mixer, size, seconds, batch }: Case,
  { peer: command, threads, repeat }: Settings,
): Promise<PeerPasses> {
  const flags = { mixers: mixer, seconds, batch, threads, repeat, size };
  const words = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, `${value}`]);
  if (work === "train") words.push("--train");
  const line = await printedBy(command, words, ({ best_s }) => Number(best_s) > 0);
  return { ...(line as unknown as PeerPasses), peer: String(line.peer ?? "peer") };
}

/** A line of JSON. */
type Line = Record<string, unknown>;

/**
 * Runs a program, and gives the first line of JSON that it prints and that is wanted.
 *
 * @param command as a shell takes it; the words are added to it as they are
 * @throws Error if it prints no such line
 */
export async function printedBy(
  command: string,
  words: readonly string[],
  isWanted: (line: Line) => boolean,
): Promise<Line> {
  const quoted = words.map((word) =>
    process.platform === "win32" ? `"${word}"` : `'${word.replaceAll("'", "'\\''")}'`,
  );
  const child = spawn([command, ...quoted].join(" "), { shell: true, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  const end = await ended(child);
  const line = printed
    .split("\n")
    .map(parsed)
    .find((each) => each && isWanted(each));
  if (!line) throw new Error(end);
  return line;
}

function parsed(line: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return value instanceof Object ? (value as Line) : undefined;
  } catch {
    return undefined; // it may print other things too
  }
}
