// `bestrq bench efficiency`, as a shell starts it.
import { writeFileSync } from "node:fs";
import { displaySymbol, duration } from "../../figures";
import { machine, resultsPath } from "../machine";
import { Efficiency } from "./efficiency";
import { parseEfficiency } from "./options";
import { type EfficiencyResult, isMeasured } from "./results";
import { study, type TellPoint } from "./study";

/** Measures what is missing, and tells what is known. @returns whether every point could be measured or planned */
export async function runEfficiency(args: readonly string[]): Promise<boolean> {
  const { settings, report, json } = parseEfficiency(args);
  const path = resultsPath(settings.out, "efficiency");
  const made: EfficiencyResult[] = [];
  if (!report) {
    for await (const result of study(settings, said)) {
      made.push(result);
      if (json) console.log(JSON.stringify(result));
    }
    process.stderr.write(rewrite);
  }
  const efficiency = path ? Efficiency.read(path) : new Efficiency(machine(), made);
  if (report) {
    console.log(efficiency.toMarkdown());
    if (path) save(efficiency, path);
  } else if (!json) console.log(String(efficiency));
  return made.every((result) => isMeasured(result) || ["memory", "for its length"].includes(result.planned));
}

const rewrite = process.stderr.isTTY ? "\r\x1b[K" : "";

const said: TellPoint = (name, done, total, left) => {
  const line = `[${done + 1}/${total}] ${name} · about ${duration(left)} left`;
  process.stderr.write(rewrite ? `${rewrite}${line}` : `${line}\n`);
};

/** Draws the figures beside the file of results. */
function save(efficiency: Efficiency, path: string): void {
  for (const [name, figure] of Object.entries(efficiency.figures())) {
    const bundle = figure[displaySymbol]() as { "image/svg+xml": string };
    writeFileSync(path.replace(/\.json$|$/, `-${name}.svg`), `${bundle["image/svg+xml"]}\n`);
  }
}
