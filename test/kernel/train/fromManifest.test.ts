// From a folder of recordings to a run, as a shell does it: `bestrq scan`, then `bestrq train` on the manifest.
import { execFile } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { finished, rowsOf, start, withSpeech } from "./killing";

const bestrq = fileURLToPath(new URL("../../../kernel/bin/bestrq.cjs", import.meta.url));
const run = promisify(execFile);

test("a run on a manifest is that on its recordings; what vanished since is named and left out", async () => {
  await withSpeech(async (folder) => {
    const speech = join(folder, "speech");
    const whole = await finished(start(folder, join(folder, "from memory"), 3));
    expect(whole).toMatchObject({ code: 0, seen: 3 });

    await run(process.execPath, [bestrq, "scan", speech]);
    const scanned = await finished(start(folder, join(folder, "from disk"), 3));
    expect(scanned).toMatchObject({ code: 0, seen: 3, told: "" });
    expect(rowsOf(join(folder, "from disk"))).toEqual(rowsOf(join(folder, "from memory")));

    rmSync(join(speech, "4.wav"));
    const without = await finished(start(folder, join(folder, "without"), 6));
    expect(without).toMatchObject({ code: 0, seen: 6 });
    expect(without.told).toMatch(/4\.wav is left out: /);
    expect(readFileSync(join(folder, "without/metrics.jsonl"), "utf8").trimEnd().split("\n")).toHaveLength(6);
  });
});
