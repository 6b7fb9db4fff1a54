import { readFileSync, writeFileSync } from "node:fs";

/** The most memory that this process had at once since it was last asked, in bytes (RSS). Beside Linux: since it began. */
export function peakMemory(): number {
  try {
    const [, kibibytes] = /^VmHWM:\s*(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8")) as RegExpExecArray;
    writeFileSync("/proc/self/clear_refs", "5"); // the mark falls to what there is now
    return 1024 * Number(kibibytes);
  } catch {
    return 1024 * process.resourceUsage().maxRSS;
  }
}
