// `bestrq train` as a process: asked to end, on a disk that fills up, and on one that becomes read-only. Whatever happens,
// the last good state is whole, the reason is told, and the run that goes on equals one that nothing happened to.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { filesOf, finished, ran, rowsOf, start, withSpeech } from "../kernel/train/killing";
import { keepResult } from "./results";

const steps = 40;

/** After which of them a run went on to the end of one that nothing happened to, bit for bit. */
const survived: string[] = [];
afterAll(() => keepResult("interrupted", { steps, survived }));

describe.each(["SIGINT", "SIGTERM"] as const)("%s", (signal) => {
  test("finishes the step, saves it, and the run goes on from there as if nothing had been", async () => {
    await withSpeech(async (folder) => {
      const out = join(folder, "run");
      const first = start(folder, out, steps);
      const end = await ran(first, 7, () => first.kill(signal));
      expect(end.seen).toBeLessThan(steps);
      const saved = readdirSync(join(out, "checkpoints")).sort().at(-1);
      expect(saved).toBe(`step-${String(rowsOf(out).length).padStart(8, "0")}`);
      expect(end.told).toContain("--resume");
      expect(await finished(start(folder, out, steps))).toMatchObject({ code: 0, seen: steps - rowsBefore(saved) });
      const whole = join(folder, "whole");
      await finished(start(folder, whole, steps));
      expect(rowsOf(out)).toEqual(rowsOf(whole));
      expect(filesOf(out)).toEqual(filesOf(whole));
      survived.push(signal);
    });
  });
});

const rowsBefore = (checkpoint = "") => Number(checkpoint.slice("step-".length));

/** A file system of its own, of Linux, mounted by root. */
const mountable = process.platform === "linux" && process.geteuid?.() === 0 && mounts();

function mounts(): boolean {
  try {
    execFileSync("unshare", ["--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], { stdio: "ignore" });
    return true;
  } catch {
    return false; // as in most containers
  }
}

describe.skipIf(!mountable)("on a disk of 2 MiB", () => {
  const mounted: string[] = [];
  afterAll(() => {
    for (const place of mounted) execFileSync("umount", [place]);
  });
  const disk = (folder: string) => {
    const place = join(folder, "disk");
    mkdirSync(place);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", place]);
    mounted.push(place);
    return place;
  };
  const release = (place: string) => {
    execFileSync("umount", [place]);
    mounted.splice(mounted.indexOf(place), 1);
  };
  const free = (place: string) => {
    const { bavail, bsize } = statfsSync(place);
    return bavail * bsize;
  };

  /** Goes on to the end, and compares with a run that nothing happened to. */
  const recovers = async (folder: string, out: string) => {
    expect(await finished(start(folder, out, steps))).toMatchObject({ code: 0 });
    const whole = join(folder, "whole");
    await finished(start(folder, whole, steps));
    expect(rowsOf(out)).toEqual(rowsOf(whole));
    expect(filesOf(out)).toEqual(filesOf(whole));
  };

  test("that fills up, the run says so, and goes on once there is room", async () => {
    await withSpeech(async (folder) => {
      const place = disk(folder);
      const out = join(place, "run");
      const first = start(folder, out, steps);
      const fill = () => writeFileSync(join(place, "other"), Buffer.alloc(Math.max(0, free(place) - 8192)));
      const end = await ran(first, 7, fill);
      expect(end).toMatchObject({ code: 1, told: expect.stringMatching(/the disk is full.*--resume/s) });
      rmSync(join(place, "other"));
      await recovers(folder, out);
      survived.push("a disk that filled up");
      release(place);
    });
  });

  test("that is read-only, a run is refused by name, and goes on once it may be written", async () => {
    await withSpeech(async (folder) => {
      const place = disk(folder);
      const out = join(place, "run");
      const first = start(folder, out, steps);
      await ran(first, 7, () => first.kill("SIGKILL"));
      const remount = (how: string) => execFileSync("mount", ["-o", `remount,${how},size=2m`, place]);
      remount("ro");
      const kept = [rowsOf(out), filesOf(out)];
      const refused = await finished(start(folder, out, steps));
      expect(refused).toMatchObject({
        code: 1,
        seen: 0,
        told: expect.stringMatching(/Cannot train in .*run: .*read-only/),
      });
      expect([rowsOf(out), filesOf(out)]).toEqual(kept);
      remount("rw");
      await recovers(folder, out);
      survived.push("a disk that was read-only");
      release(place);
    });
  });
});
