// NVIDIA cards by the program nvidia-smi, where its library is not to be had. It takes long and counts in MiB, so it is
// asked once a second at most, beside everything else.
import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type DeviceSeries, Probe, type Values } from "../probe";
import { cardFields, parseCards, parseProcesses, processFields, type SmiCard, type SmiProcess } from "./parse";

const everyMs = 1000;
const patienceMs = 10_000;
const MiB = 2 ** 20;

export interface NvidiaSmiOptions {
  /** Whether it is to be asked at all. */
  isWanted?: () => Promise<boolean>;
  /** Asks the program; rejected where that failed. */
  run?: (query: string) => Promise<string>;
  pid?: number;
}

export class NvidiaSmiProbe extends Probe {
  #last = Number.NEGATIVE_INFINITY;
  #isOver = false;
  readonly #seen = new Set<string>();

  constructor(private readonly options: NvidiaSmiOptions = {}) {
    super();
  }

  async sample(): Promise<Values> {
    const { isWanted, run = smi } = this.options;
    if (this.#isOver || performance.now() - this.#last < everyMs) return {};
    if (isWanted && !(await isWanted())) {
      this.#isOver = true;
      return {};
    }
    this.#last = performance.now();
    try {
      const [cards, processes] = await Promise.all([
        run(`--query-gpu=${cardFields}`).then(parseCards),
        run(`--query-compute-apps=${processFields}`).then(parseProcesses, () => []),
      ]);
      return this.#values(cards, processes);
    } catch (error) {
      this.#isOver = true;
      this.note(
        (error as NodeJS.ErrnoException).code === "ENOENT"
          ? "No NVIDIA card is sampled: neither libnvidia-ml.so.1 nor the program nvidia-smi is there"
          : `NVIDIA cards are not sampled any more: ${reason(error)}`,
      );
      return {};
    }
  }

  #values(cards: SmiCard[], processes: SmiProcess[]): Values {
    const { pid = process.pid } = this.options;
    const values: Record<string, number> = {};
    for (const card of cards) {
      const label = `GPU ${card.index} (${card.name})`;
      const key = `gpu${card.index}`;
      if (card.usedMiB !== undefined) {
        this.#know({
          name: `${key}.used`,
          label: `${label}: in use`,
          what: "Memory in use on the card by all processes (nvidia-smi)",
          ...(card.totalMiB === undefined ? {} : { limit: card.totalMiB * MiB }),
        });
        values[`${key}.used`] = card.usedMiB * MiB;
      } else this.note(`${label}: nvidia-smi does not tell how much memory is in use`);
      if (card.isMig)
        this.note(`${label} is cut into parts (MIG): nvidia-smi tells of the whole card, NVML would of each`);
      const own = processes.filter((one) => one.pid === pid && one.uuid === card.uuid && one.usedMiB !== undefined);
      if (own.length > 0 || this.#seen.has(`${key}.process`)) {
        this.#know({
          name: `${key}.process`,
          label: `${label}: this process`,
          what: "Memory that this process has on the card (nvidia-smi): tensors, CUDA's context and libraries, and what frameworks keep for later",
        });
        values[`${key}.process`] = own.reduce((sum, { usedMiB }) => sum + usedMiB! * MiB, 0);
      }
    }
    const gone = [...this.#seen].filter((name) => name.endsWith(".used") && !(name in values));
    for (const name of gone)
      this.note(`${this.series.find((one) => one.name === name)!.label}: nvidia-smi has lost the card`);
    return values;
  }

  #know(series: Pick<DeviceSeries, "name" | "label" | "what" | "limit">): void {
    if (this.#seen.has(series.name)) return;
    this.#seen.add(series.name);
    const resolution = "MiB, once a second at most: peaks in between are missed";
    this.series = [...this.series, { ...series, unit: "bytes", resolution, group: "device" }];
  }
}

function reason(error: unknown): string {
  const { code, killed, stderr, stdout, message } = error as Error & Record<string, unknown>;
  if (killed) return "nvidia-smi does not answer";
  const words = [stderr, stdout].map((text) => String(text ?? "").trim()).find(Boolean) ?? message;
  return `nvidia-smi ends with code ${code}: ${words.split("\n")[0]}`;
}

function smi(query: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const path = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "nvidia-smi"));
    const program = path.find(isProgram);
    if (!program) return reject(Object.assign(new Error("no nvidia-smi"), { code: "ENOENT" }));
    const options = { timeout: patienceMs, killSignal: "SIGKILL" as const };
    execFile(program, [query, "--format=csv,noheader,nounits"], options, (error, stdout, stderr) =>
      error ? reject(Object.assign(error, { stdout, stderr })) : resolve(stdout),
    );
  });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
