// One line on stderr before a model runs on what memory will not hold.
import { type BestRq, type ComingWork, foresight } from "../bestrq";
import { connect, freeOnCard } from "../device";
import { bytes, duration } from "../figures";
import { backend, isPlanning, isRecording, tf } from "../tensor";
import { fit } from "./fit";
import { planPeak } from "./plan";

/** The largest work that each model was seen to do. */
const seen = new WeakMap<BestRq, ComingWork[]>();
const isWithin = (work: ComingWork) => (known: ComingWork) =>
  work.batch <= known.batch && work.frames <= known.frames && Number(work.train) <= Number(known.train);

warnAhead(process.env.BESTRQ_MEMORY_WARNING !== "0");

/**
 * Whether to warn (default) before a model runs on a batch whose plan exceeds the free memory: of this machine or its
 * control group, of WebAssembly's 4 GB on that backend, and of the card on an NVIDIA GPU, as NVML (else nvidia-smi) tells it; of
 * other GPUs nobody tells, and nothing is said. A model's batch is planned only if it is larger than those before and may come near; the environment
 * variable `BESTRQ_MEMORY_WARNING=0` turns it off, too.
 */
export function warnAhead(on: boolean): void {
  foresight.look = on ? look : undefined;
  foresight.foretell = on ? foretell : undefined;
}

function look(model: BestRq, work: ComingWork): void {
  const warning = foretell(model, work);
  if (warning) process.stderr.write(`bestrq: ${warning}\n`);
}

/** What there is to warn of, said once of each work. */
function foretell(model: BestRq, work: ComingWork): string | undefined {
  const before = seen.get(model) ?? [];
  if (before.some(isWithin(work)) || isPlanning() || isRecording()) return undefined;
  seen.set(model, [...before.filter((known) => !isWithin(known)(work)), work]);
  const free = freeMemory();
  return free && warningOf(model, work, free.bytes, free.where);
}

/** Memory for tensors that is not in use; undefined where that is not known. */
function freeMemory(): { readonly bytes: number; readonly where: string } | undefined {
  const { name, device, deviceName } = backend.status();
  const [machine, alive] = [process.availableMemory(), tf.memory().numBytes];
  if (name === "wasm") return { bytes: Math.min(machine, 2 ** 32 - alive), where: "" };
  if (device === "CPU" || deviceName.endsWith("a program on the CPU")) return { bytes: machine, where: "" };
  if (name !== "tensorflow" && !/nvidia/i.test(deviceName)) return undefined;
  const moment = connect().now();
  const free = moment && freeOnCard(moment, alive);
  return free === undefined ? undefined : { bytes: free, where: " on the card" };
}

/** What to say of work where so many bytes are free, if anything. */
export function warningOf(model: BestRq, work: ComingWork, free: number, where = ""): string | undefined {
  if (atMost(model, work) < free) return undefined;
  const { batch, frames, train } = work;
  const seconds = frames / 100;
  const alive = 4 * (model.parameterCount + batch * frames * model.config.mels);
  const wanted = planPeak(model, { seconds, batch, train }) - alive;
  if (wanted <= free) return undefined;
  const what = `${model.config.mixer} on ${batch} × ${duration(seconds)}, ${train ? "a training step" : "inference"}`;
  return `${what}, will want ${bytes(wanted)} beside what is alive, but ${bytes(free)} are free${where}. ${whatFits(model, work, free + alive)}`;
}

function whatFits(model: BestRq, { batch, frames, train }: ComingWork, budget: number): string {
  const length = attempt(() => `${batch} × ${duration(fit({ model, bytes: budget, batch, train }).seconds)}`);
  const count = attempt(() => `a batch of ${fit({ model, bytes: budget, seconds: frames / 100, train }).batch}`);
  const fitting = [length, count].filter(Boolean).join(", or ");
  return fitting ? `${fitting}, would fit` : "Nothing would fit";
}

function attempt(sentence: () => string): string | undefined {
  try {
    return sentence();
  } catch {
    return undefined; // not even the smallest
  }
}

/** More than any plan: what makes planning worth its time. */
function atMost({ config, parameterCount }: BestRq, { batch, frames, train }: ComingWork): number {
  const { width, feedForward, layers, heads, channels, mels } = config;
  const encoded = frames / 4;
  const frontEnd = 4 * 16 * frames * mels * channels[0];
  const block = 4 * 64 * encoded * (width + feedForward) + (config.mixer === "mhsa" ? 4 * 16 * heads * encoded * (train ? encoded : 1024) : 0); // biome-ignore format: one line
  return 24 * parameterCount + batch * (frontEnd + (train ? layers : 1) * block + 4 * 8 * encoded * config.codes);
}
