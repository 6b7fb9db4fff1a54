// What stands in the metadata of a file, whatever its format: enough to make the figure again.
import { readFileSync } from "node:fs";
import { arch, availableParallelism, cpus, platform, totalmem } from "node:os";
import { join } from "node:path";
import type { Facts, Figure } from "../figure";

/** Each fact by its name: Title, Caption, Columns with their units, Seed, Machine, Software. */
export type Told = Readonly<Record<string, string>>;

/** What a figure was given, for the data that a notebook stores. */
export const givenFacts = ({ caption, seed, machine }: Facts): Record<string, unknown> => ({
  Caption: caption,
  Seed: seed,
  Machine: machine,
});

/** All facts about a figure; those of `more` go before its own. */
export function factsOf(figure: Figure, more: Facts = {}): Told {
  const { caption = figure.facts.caption, seed = figure.facts.seed, machine = figure.facts.machine } = more;
  const all = {
    Title: figure.title,
    Caption: caption,
    Columns: figure.columns.join(", "),
    Seed: seed,
    Machine: machine ?? thisMachine(),
    Software: `bestrq ${version()}`,
  };
  const known = Object.entries(all).filter(([, value]) => value !== undefined && value !== "");
  return Object.fromEntries(known.map(([name, value]) => [name, String(value)]));
}

function thisMachine(): string {
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const threads = `${availableParallelism()} threads`;
  return [cpus()[0]?.model.trim(), threads, memory, `${platform()} ${arch()}`, `Node.js ${process.version}`]
    .filter(Boolean)
    .join(", ");
}

const version = (): string =>
  (JSON.parse(readFileSync(join(__dirname, "../../../package.json"), "utf8")) as { version: string }).version;
