import { type BackendName, backend } from "../tensor";
import { asJson, asTable } from "./report";
import { type Verdict, verify } from "./verify";

/**
 * `bestrq verify`: prints the verdict on each file of a folder, and on stderr why one could not be compared.
 *
 * @param options.backend what computes (default: `auto`)
 * @param options.json one JSON object a line instead of a table
 * @returns whether all pass
 */
export async function runVerify(folder: string, options: { backend?: string; json?: boolean } = {}): Promise<boolean> {
  const { name } = await backend.use(options.backend as BackendName | undefined);
  const verdicts: Verdict[] = [];
  for await (const verdict of verify(folder)) {
    verdicts.push(verdict);
    if (options.json) console.log(asJson(verdict));
    if (verdict.problem) console.error(verdict.problem);
  }
  const missed = verdicts.filter(({ pass }) => !pass).length;
  if (!options.json) {
    console.log(`${asTable(verdicts)}\n\n${verdicts.length - missed} of ${verdicts.length} pass on ${name}`);
  }
  return missed === 0;
}
