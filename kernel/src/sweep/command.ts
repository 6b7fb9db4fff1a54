// `bestrq sweep`, as a shell starts it.
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { displaySymbol, type Figure, save } from "../figures";
import { gather, overSeeds, runTable, seedTable } from "./gather";
import { parseSweep } from "./options";
import { bashWord } from "./quote";
import { scriptText, tasksText } from "./script";

/** As built. */
const program = [process.execPath, resolve(__dirname, "../../dist/cli.js")];

/**
 * `DIR ...` writes a sweep into a folder, `gather DIR` puts what its runs came to into tables.
 *
 * @throws RangeError where an argument is wrong; Error where the folder holds something already, or no runs
 */
export async function runSweep(args: readonly string[]): Promise<void> {
  if (args[0] === "gather") return gatherSweep(args.slice(1));
  const sweep = parseSweep(args);
  const { folder, tasks } = sweep;
  const [tasksFile, script] = [tasksText(sweep), scriptText(sweep, program)];
  try {
    for (const name of ["logs", "runs"]) mkdirSync(join(folder, name), { recursive: true });
    const held = [...readdirSync(join(folder, "runs")), ...readdirSync(folder)].filter(
      (name) => !["logs", "runs"].includes(name),
    );
    if (held.length > 0) throw new Error(`the folder must be empty or new, and it holds ${held[0]}`);
    writeFileSync(join(folder, "tasks.txt"), tasksFile, { flag: "wx" });
    writeFileSync(join(folder, "sweep.sh"), script, { flag: "wx", mode: 0o755 });
  } catch (error) {
    throw new Error(`Cannot write a sweep to ${folder}: ${(error as Error).message}`, { cause: error });
  }
  console.log(`${tasks.length} runs. To start them, and later to go on with what was cut short:`);
  console.log(`  sbatch ${bashWord(join(folder, "sweep.sh"))}`);
  console.log(`What they came to, at any time:\n  bestrq sweep gather ${bashWord(folder)}`);
}

async function gatherSweep(args: readonly string[]): Promise<void> {
  const options = { json: { type: "boolean", default: false } } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const [folder, ...others] = positionals;
  if (!folder || others.length > 0) throw new Error("Cannot gather results: name the folder of one sweep");
  const results = gather(folder);
  for (const { run, fault } of results) if (fault) console.error(`${run} cannot be read: ${fault}`);
  const gathered = overSeeds(results);
  const [means, runs] = [seedTable(gathered), runTable(results)];
  const markdown = `${inMarkdown(means)}\n\n${inMarkdown(runs)}\n`;
  writeFileSync(join(folder, "results.md"), markdown);
  writeFileSync(join(folder, "results.json"), `${JSON.stringify({ means: gathered, runs: results }, null, 2)}\n`);
  await save(means, join(folder, "results.arrow"));
  if (values.json) for (const one of results) console.log(JSON.stringify(one));
  else console.log(`${inText(means)}\n\n${inText(runs)}\n\nAlso in results.md, results.json and results.arrow there`);
}

type Bundle = { "text/markdown": string; "text/plain": string };
const inMarkdown = (figure: Figure): string => (figure[displaySymbol]() as Bundle)["text/markdown"];
const inText = (figure: Figure): string => (figure[displaySymbol]() as Bundle)["text/plain"];
