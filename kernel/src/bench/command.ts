import { casesOf, parseBench } from "./options";
import { printProfile } from "./profile";
import type { Work } from "./work";

/** `bestrq bench`. */
export async function runBench(args: readonly string[]): Promise<void> {
  const { what, settings, profile, json } = parseBench(args);
  const work = (what[0] ?? "forward") as Work;
  if (profile) return printProfile(casesOf(work, settings), { ...settings, json });
}
