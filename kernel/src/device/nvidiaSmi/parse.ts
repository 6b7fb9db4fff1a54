// What nvidia-smi writes as CSV, without header and units, and with a word in brackets where it has no number.

/** One line of `--query-gpu`; what nvidia-smi does not know is undefined. */
export interface SmiCard {
  readonly index: number;
  readonly uuid: string;
  readonly name: string;
  readonly usedMiB?: number;
  readonly totalMiB?: number;
  readonly isMig: boolean;
}

/** One line of `--query-compute-apps`. */
export interface SmiProcess {
  readonly pid: number;
  readonly uuid: string;
  readonly usedMiB?: number;
}

/** What to ask for. */
export const cardFields = "index,uuid,name,memory.used,memory.total,mig.mode.current";
export const processFields = "pid,gpu_uuid,used_memory";

/** Reads the answer to `--query-gpu`. Lines that are none, such as warnings, are left out. */
export function parseCards(text: string): SmiCard[] {
  return lines(text).flatMap(([index, uuid = "", ...rest]) => {
    // A name may hold commas.
    const [used, total, mig] = rest.slice(-3);
    const name = rest.slice(0, -3).join(", ");
    if (rest.length < 4 || number(index) === undefined || !/^GPU-/.test(uuid)) return [];
    const card = { index: Number(index), uuid, name, usedMiB: number(used), totalMiB: number(total) };
    return [{ ...card, isMig: mig === "Enabled" }];
  });
}

/** Reads the answer to `--query-compute-apps`. */
export function parseProcesses(text: string): SmiProcess[] {
  return lines(text).flatMap(([pid, uuid = "", used = "", ...rest]) => {
    if (rest.length > 0 || number(pid) === undefined || !/^(GPU|MIG)-/.test(uuid)) return [];
    return [{ pid: Number(pid), uuid, usedMiB: number(used) }];
  });
}

/** The fields of each line. */
function lines(text: string): string[][] {
  return text.split(/\r?\n/).map((line) => line.split(",").map((field) => field.trim()));
}

/** A whole number; nothing for `[N/A]`, `[Not Supported]`, `[Insufficient Permissions]`, `[GPU is lost]` and the like. */
function number(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
