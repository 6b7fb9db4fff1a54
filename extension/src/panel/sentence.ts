// How things stand, in a sentence, with the way out.
import { trans } from "../translation";
import type { KernelReport } from "./report";

/** What the user can do about it. */
export type WayOut = "new" | "change" | "restart";

export interface Sentence {
  readonly text: string;
  readonly ways: readonly WayOut[];
}

/** Nothing where all is well. */
export function sentence({ standing, names, reason, record }: KernelReport): Sentence | undefined {
  const { kernel } = names;
  switch (standing) {
    case "live":
      return record.newest === undefined ? { text: trans.__("Waiting for the first sample."), ways: [] } : undefined;
    case "none":
      if (names.title) {
        const text = trans.__("%1 has no kernel: choose “TypeScript (BEST-RQ)” to see its memory here.", names.title);
        return { text, ways: ["change"] };
      }
      return {
        text: trans.__("No kernel is in use: open a notebook or console, or begin a new experiment."),
        ways: ["new"],
      };
    case "asking":
      return { text: trans.__("Waiting for the kernel to report its memory."), ways: [] };
    case "foreign":
      return {
        text: trans.__(
          "%1 does not report its memory: choose the kernel “TypeScript (BEST-RQ)” to see it here. Saved figures are drawn with any kernel.",
          kernel,
        ),
        ways: ["change"],
      };
    case "silent":
      return {
        text: trans.__(
          "This kernel does not report its memory: it is older than this panel. Restart it; if that does not help, `npm start` installs both anew.",
        ),
        ways: ["restart"],
      };
    case "restarting":
      return { text: trans.__("The kernel is restarting; the panel goes on as soon as it is back."), ways: [] };
    case "disconnected":
      return {
        text: trans.__(
          "The connection to the kernel is interrupted; shown is what came before. The panel goes on as soon as it is back.",
        ),
        ways: [],
      };
    case "dead":
      return {
        text: trans.__("The kernel has died; shown is what it reported before. Restart it to go on."),
        ways: ["restart"],
      };
    case "broken":
      return {
        text: trans.__(
          "What the kernel reports cannot be read: %1. Restart it; if that does not help, `npm start` installs kernel and panel anew.",
          reason,
        ),
        ways: ["restart"],
      };
  }
}
