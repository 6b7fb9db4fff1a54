// `bestrq scan`, as a shell starts it.
import { parseArgs } from "node:util";
import { duration } from "../figures";
import { type ScanProgress, scan } from "./scan";

const pauseMs = 250;

/** Scans the folder that the arguments name and prints what it holds. */
export async function runScan(args: readonly string[]): Promise<void> {
  const options = { out: { type: "string" }, json: { type: "boolean", default: false } } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const [folder, ...others] = positionals;
  if (!folder || others.length > 0) throw new Error("Cannot scan: name one folder of recordings");
  const line = scanLine();
  const manifest = await scan(folder, { file: values.out, onProgress: line.tell }).finally(line.end);
  if (!values.json) return console.log(String(manifest));
  const { length, hours, fingerprint, skipped } = manifest;
  console.log(JSON.stringify({ folder: manifest.folder, utterances: length, hours, fingerprint, skipped }));
}

/** How far it is, on one line of a terminal; silent where nobody sees it. */
function scanLine(): { tell(progress: ScanProgress): void; end(): void } {
  const shown = process.stderr.isTTY;
  let due = performance.now() + pauseMs;
  return {
    tell({ done, total, seconds, skipped }) {
      if (!shown || performance.now() < due) return;
      due = performance.now() + pauseMs;
      const told = [`scan: ${done} of ${total} files`, `${duration(seconds)} of speech`];
      if (skipped > 0) told.push(`${skipped} skipped`);
      process.stderr.write(`\r\x1b[K${told.join(" · ")}`);
    },
    end: () => void (shown && process.stderr.write("\r\x1b[K")),
  };
}
