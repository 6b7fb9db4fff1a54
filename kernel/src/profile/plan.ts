import { BestRq, type BestRqConfig, type BestRqOptions } from "../bestrq";
import {
  bytes,
  type Displayable,
  type Drawable,
  displaySymbol,
  duration,
  exactBytes,
  type Figure,
  type MimeBundle,
} from "../figures";
import { foresee, foreseePeak } from "./foresee";
import type { MemoryProfile } from "./memoryProfile";
import { type WorkOptions, workOf } from "./work";

/** What a model will take to do something, told before it does it. A notebook shows its trace. */
export class Plan implements Displayable, Drawable {
  /** What the model is. */
  readonly config: BestRqConfig;
  /** What it does. */
  readonly work: Required<WorkOptions>;
  /** Learnt numbers. */
  readonly parameters: number;
  /**
   * Floating-point operations of matrix products, convolutions and the selective scan, a multiplication and an addition
   * counting two: the rule of `model.summary()`. They are counted from the shapes that each op has, so that training
   * has what its gradients take, the quantizer and the optimizer included.
   */
  readonly flops: number;
  /** Beside these, one for each number that elementwise ops give and reductions take. */
  readonly otherOperations: number;
  /** Most bytes of tensors alive at once, parameters and input included. */
  readonly peakBytes: number;
  /** Every allocation and release, as `profile.memory` would have recorded it. */
  readonly trace: MemoryProfile<void>;

  constructor(options: BestRqOptions, { seconds, batch = 1, train = false }: WorkOptions) {
    this.work = { seconds, batch, train };
    const made = { config: undefined as BestRqConfig | undefined, parameters: 0, title: "" };
    const title = `Planned: ${options.mixer} on ${batch} × ${duration(seconds)}, ${train ? "a training step" : "inference"}`;
    const { trace, peakBytes, operations } = foresee(title, () => {
      const model = new BestRq(options);
      Object.assign(made, { config: model.config, parameters: model.parameterCount });
      return workOf(model, this.work);
    });
    this.config = made.config as BestRqConfig;
    this.parameters = made.parameters;
    this.flops = operations.products;
    this.otherOperations = operations.others;
    this.peakBytes = peakBytes;
    this.trace = trace;
  }

  /** Bytes alive at that moment by layer, largest first. */
  get atPeak(): MemoryProfile<void>["atPeak"] {
    return this.trace.atPeak;
  }

  /** A line of `bestrq plan --json`. */
  toJSON() {
    const { work, parameters, flops, peakBytes } = this;
    return { mixer: this.config.mixer, seconds: work.seconds, parameters, flops, peak_bytes: peakBytes };
  }

  toString(): string {
    const { trace, parameters, flops, peakBytes, atPeak } = this;
    const facts = [
      `${parameters.toLocaleString("en")} parameters, ${(flops / 1e12).toPrecision(4)} TFLOP`,
      `at most ${exactBytes(peakBytes)} (${bytes(peakBytes)}) of tensors alive at once, of which`,
      ...atPeak.slice(0, 5).map((part) => `  ${bytes(part.bytes).padStart(10)}  ${part.layer}`),
    ];
    return [trace.title, ...facts].join("\n");
  }

  /** The trace, which the plan shows itself as. */
  figure(): Figure {
    return this.trace.figure();
  }

  [displaySymbol](): MimeBundle {
    return { ...(this.trace[displaySymbol]() as MimeBundle), "text/plain": this.toString() };
  }
}

/**
 * Plans what a model does with a batch, without computing anything and without its weights: its own code runs on the
 * backend `plan`, which knows shapes alone. The peak is the ledger's (`profile.memory`), to the byte.
 *
 * What the plan does not contain: what a kernel uses inside itself, such as a transposed copy; the buffers of what `jit`
 * compiles, which are fewer; JavaScript and the libraries themselves, some hundred MB; what an allocator keeps for later.
 *
 * @param what a model, or the options to make one from; no number of it is read or drawn
 * @throws RangeError where the options name what is not known, or the length is too short
 * @example
 * const { peakBytes } = profile.plan({ mixer: "mhsa", size: "tiny" }, { seconds: 60 });
 */
export const plan = (what: BestRq | BestRqOptions, work: WorkOptions): Plan => new Plan(optionsOf(what, work), work);

/** The peak of a {@link plan} alone, in less time. */
export const planPeak = (what: BestRq | BestRqOptions, work: WorkOptions): number =>
  foreseePeak(() => workOf(new BestRq(optionsOf(what, work)), work));

/** While training every layer may run: none is left to chance. */
const optionsOf = (what: BestRq | BestRqOptions, { train }: WorkOptions): BestRqOptions => ({
  ...(what instanceof BestRq ? what.config : what),
  ...(train ? { layerDrop: 0 } : {}),
});
