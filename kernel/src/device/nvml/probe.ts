// NVIDIA cards by NVML: what is in use on each card, or MIG device, and how much of it by this process.
import { readlinkSync } from "node:fs";
import { type DeviceSeries, Probe, type Values } from "../probe";
import { type Device, Nvml, type NvmlError, Status } from "./library";
import type { GpuProcess } from "./processes";
import { othersSeries, processSeries, usedSeries } from "./series";

interface Card {
  /** `gpu0`, `gpu0.mig1` */
  readonly key: string;
  readonly label: string;
  readonly device: Device;
  /** What is still asked of it. */
  readonly asks: Set<"memory" | "processes">;
}

export interface NvmlOptions {
  /** Opens the library (default: the driver's). */
  open?: () => Promise<Nvml>;
  pid?: number;
  /** Whether this process has another number outside (default: seen from /proc). */
  isContained?: boolean;
}

/** Errors after which nothing else is to be expected. */
const final: readonly number[] = [
  Status.invalidArgument,
  Status.notSupported,
  Status.noPermission,
  Status.notFound,
  Status.functionNotFound,
  Status.gpuNotFound,
];
/** Errors after which nothing else is to be expected of the whole card. */
const lost: readonly number[] = [Status.gpuIsLost, Status.resetRequired];

export class NvmlProbe extends Probe {
  #isMissing = false;
  #cards: Promise<Card[]> | undefined;
  #nvml: Nvml | undefined;

  constructor(private readonly options: NvmlOptions = {}) {
    super();
  }

  /** Whether there is no library to ask. */
  async isMissing(): Promise<boolean> {
    await this.#opened();
    return this.#isMissing;
  }

  async sample(): Promise<Values> {
    const cards = await this.#opened();
    // One after another: a driver that hangs is to keep one of Node's few threads, not all.
    const values: Record<string, number> = {};
    for (const card of cards) Object.assign(values, await this.#measure(card));
    return values;
  }

  #opened(): Promise<Card[]> {
    this.#cards ??= this.#open();
    return this.#cards;
  }

  async #open(): Promise<Card[]> {
    try {
      this.#nvml = await (this.options.open ?? Nvml.open)();
    } catch {
      this.#isMissing = true;
      return [];
    }
    try {
      await this.#nvml.init();
      return await this.#findCards(this.#nvml);
    } catch (error) {
      this.note(`No NVIDIA card is sampled: NVML says "${(error as Error).message}"`);
      return [];
    }
  }

  async #findCards(nvml: Nvml): Promise<Card[]> {
    const cards: Card[] = [];
    for (const [index, device] of await nvml.devices()) {
      const key = `gpu${index}`;
      cards.push(await this.#card(nvml, key, `GPU ${index}`, device));
      for (const [part, mig] of await nvml.migDevices(device)) {
        cards.push(await this.#card(nvml, `${key}.mig${part}`, `GPU ${index}, MIG ${part}`, mig));
      }
    }
    if (cards.length === 0) this.note("No NVIDIA card is sampled: NVML shows none to this user");
    return cards;
  }

  async #card(nvml: Nvml, key: string, label: string, device: Device): Promise<Card> {
    const name = await nvml.name(device).catch(() => "NVIDIA");
    return { key, label: `${label} (${name})`, device, asks: new Set(["memory", "processes"] as const) };
  }

  async #measure(card: Card): Promise<Values> {
    const [memory, processes] = [await this.#memory(card), await this.#processes(card)];
    return { ...memory, ...processes };
  }

  async #memory(card: Card): Promise<Values> {
    const info = await this.#ask(card, "memory", (nvml) => nvml.memory(card.device));
    if (!info) return {};
    const name = `${card.key}.used`;
    this.#know(usedSeries(name, card.label, info));
    return { [name]: info.used };
  }

  async #processes(card: Card): Promise<Values> {
    const found = await this.#ask(card, "processes", (nvml) => nvml.processes(card.device));
    if (!found) return {};
    const { pid = process.pid, isContained = hasOtherNumber() } = this.options;
    const own = found.filter((one) => one.pid === pid);
    if (own.length === 0 && isContained) {
      this.note(
        "This process's own share of an NVIDIA card is not known: in a container the driver tells processes by other " +
          "numbers (docker run --pid=host shows them)",
      );
      return {};
    }
    const name = `${card.key}.process`;
    this.#know(processSeries(name, card.label));
    const others = found.filter((one) => one.pid !== pid);
    return { ...sum(name, own), ...(others.length > 0 ? this.#others(card, others) : {}) };
  }

  #others(card: Card, others: GpuProcess[]): Values {
    const name = `${card.key}.others`;
    this.#know(othersSeries(name, card.label));
    return sum(name, others);
  }

  /** Asks, unless that was refused before. A refusal is told once, and does not stop what else is measured. */
  async #ask<R>(card: Card, what: "memory" | "processes", call: (nvml: Nvml) => Promise<R>): Promise<R | undefined> {
    if (!card.asks.has(what)) return undefined;
    try {
      return await call(this.#nvml!);
    } catch (error) {
      const { message, status = Status.functionNotFound } = error as NvmlError;
      if (lost.includes(status)) {
        card.asks.clear();
        this.note(`${card.label} is gone ("${message}"): its series end here`);
      } else {
        if (final.includes(status)) card.asks.delete(what);
        const refused = what === "memory" ? "how much of it is in use" : "its processes";
        this.note(`${card.label}: the driver does not tell ${refused} ("${message}")`);
      }
      return undefined;
    }
  }

  #know(series: DeviceSeries): void {
    if (!this.series.some(({ name }) => name === series.name)) this.series = [...this.series, series];
  }
}

function sum(name: string, processes: GpuProcess[]): Values {
  const known = processes.filter(({ bytes }) => bytes !== undefined);
  if (known.length < processes.length) return {}; // the driver does not say: as on Windows
  return { [name]: known.reduce((total, { bytes }) => total + bytes!, 0) };
}

/** The first namespace of process numbers always has this name; in a container there is another one. */
function hasOtherNumber(): boolean {
  try {
    return readlinkSync("/proc/self/ns/pid") !== "pid:[4026531836]";
  } catch {
    return false;
  }
}
