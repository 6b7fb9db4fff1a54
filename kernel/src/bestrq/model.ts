import { inspect } from "node:util";
import { displaySymbol, type MimeBundle } from "../figures";
import {
  countParameters,
  disposeParameters,
  initialise,
  linear,
  linearSpec,
  type Parameters,
  paddingMask,
  parameterEntries,
} from "../nn";
import { jit, Random, span, tf } from "../tensor";
import { type BestRqConfig, type BestRqOptions, configure } from "./config";
import { type EncoderOptions, encoder } from "./encoder";
import { foresight } from "./foresight";
import { frontEnd } from "./frontEnd";
import { applyMask, drawMask, type Mask } from "./masking";
import { Quantizer } from "./quantizer";
import { rowsOf, Summary } from "./summary";

/** A batch of features: `features` [B, T, mels], padded at the end, and how many of the T frames each utterance has. */
export interface Features {
  readonly features: tf.Tensor3D;
  readonly lengths: readonly number[];
}

/** How well a model guesses the codes of masked frames. */
interface Guesses {
  readonly loss: tf.Scalar;
  readonly accuracy: tf.Scalar;
  readonly targets: tf.Tensor2D;
  readonly guesses: tf.Tensor2D;
}

/** Layers and shapes of a configuration, before any number is drawn. */
function build(config: BestRqConfig) {
  const front = frontEnd(config.mels, config.channels, config.dropout);
  const body = encoder(config, front.width);
  const spec = { frontEnd: front.spec, encoder: body.spec, head: linearSpec(config.width, config.codes) };
  const head = jit((p: Parameters<typeof spec>["head"], hidden: tf.Tensor) => linear(p, hidden), { patient: true });
  const dispose = () => {
    for (const one of [front, body, head]) one.dispose();
  };
  return { front, body, head, spec, dispose };
}
type Layers = ReturnType<typeof build>;

/**
 * BEST-RQ (Chiu et al. 2022; Whetten et al. 2024, arXiv:2409.02596): an encoder that learns to guess, for masked frames,
 * the codes that a frozen random quantizer gives to the features underneath.
 *
 * @example
 * const model = new BestRq({ mixer: "summarymixing", size: "tiny", seed: 1 });
 * model.parameterCount; // 198306
 * model.dispose();
 */
export class BestRq {
  readonly config: BestRqConfig;
  /** Everything that is learnt, as a tree; {@link entries} lists it with paths. */
  readonly parameters: Parameters<Layers["spec"]>;
  readonly quantizer: Quantizer;
  /** Feature frames of one encoder frame: 4. */
  readonly stride: number;
  /** The seed that all of the model's numbers were drawn from. */
  readonly seed: number;
  private readonly layers: Layers;

  /** @throws RangeError where the options name what is not known, or sizes do not fit */
  constructor({ seed = 1, ...options }: BestRqOptions & { readonly seed?: number }) {
    this.config = configure(options);
    this.seed = seed;
    this.layers = build(this.config);
    this.stride = this.layers.front.stride;
    const random = new Random(seed);
    const { mels, codes, codeWidth, initialisation, quantizerNorm } = this.config;
    // What the authors' code draws anew is the encoder, not the front end and the head.
    const begin = (path: string) => (path.startsWith("encoder.") ? initialisation : "native");
    this.parameters = initialise(this.layers.spec, random.fork("parameters"), begin) as Parameters<Layers["spec"]>;
    this.quantizer = new Quantizer(
      { inputs: mels * this.stride, codes, codeWidth, normaliseOver: quantizerNorm },
      random.fork("quantizer"),
    );
  }

  /** How many numbers such a model would learn, without making any. */
  static countParameters(options: BestRqOptions): number {
    return countParameters(build(configure(options)).spec);
  }

  /** Learnt numbers; the frozen quantizer is not among them. */
  get parameterCount(): number {
    return countParameters(this.layers.spec);
  }

  /** Paths and variables of all parameters: `encoder.layers.0.mixer.query.weight`, ... */
  entries(): [path: string, variable: tf.Variable][] {
    return parameterEntries(this.parameters);
  }

  /** Encoder frames that an utterance of so many feature frames reaches. */
  encoderFrames(length: number): number {
    return Math.ceil(length / this.stride);
  }

  /**
   * Features → hidden frames [B, ⌈T / 4⌉, D]. `states`, if given, receives the L + 1 hidden states, which the caller
   * disposes. While training, `random` decides dropout and layer drop. With `blocks`, later blocks are left out, and there
   * are as many states fewer.
   *
   * @throws TypeError or RangeError where features and lengths do not fit each other or the model
   */
  encode({ features, lengths }: Features, options: Omit<EncoderOptions, "skip"> = {}): tf.Tensor3D {
    this.check(features, lengths);
    const { random, states, blocks } = options;
    const [batch, frames] = features.shape;
    foresight.look?.(this, { batch, frames, train: random !== undefined });
    const skip = () => random !== undefined && this.config.layerDrop > 0 && random.next() <= this.config.layerDrop;
    return tf.tidy(() => {
      const padded = this.padded({ features, lengths });
      const front = span("frontEnd", () => this.layers.front.apply(this.parameters.frontEnd, padded.features, random));
      const encoded = padded.lengths.map((length) => this.encoderFrames(length));
      const mask = paddingMask(encoded, front.shape[1]);
      const hidden = span("encoder", () =>
        this.layers.body.apply(this.parameters.encoder, front, mask, { states, random, skip, blocks }),
      );
      for (const state of states ?? []) tf.keep(state);
      return hidden;
    });
  }

  /** Hidden frames [..., D] → logits over the codes [..., codes]. */
  head<T extends tf.Tensor>(hidden: T): T {
    return span("head", () => tf.tidy(() => this.layers.head(this.parameters.head, hidden) as T));
  }

  /** A mask for this batch, by the configuration's probability. */
  drawMask({ features, lengths }: Features, random: Random): Mask {
    const { maskProbability, mels } = this.config;
    this.check(features, lengths);
    const missing = this.missingFrames(features);
    const padded = lengths.map((length) => length + missing);
    return drawMask(padded, mels, { probability: maskProbability, stride: this.stride }, random);
  }

  /**
   * One pre-training pass: the mean cross-entropy over the masked frames of the batch, and the share of them whose code
   * is guessed right. Both scalars, the loss differentiable in the parameters. `targets` and `guesses` are these codes,
   * int32 [B, M].
   */
  loss(batch: Features, mask: Mask, random?: Random): Guesses {
    return tf.tidy(() => {
      const { features, lengths } = this.padded(batch);
      const picked = tf.tensor1d([...mask.frames], "int32");
      const targets = span("quantizer", () => this.quantizer.targets(features).gather(picked, 1)); // [B, M]
      const hidden = this.encode({ features: applyMask(features, mask), lengths }, { random });
      const logits = this.head(hidden.gather(picked, 1)); // only masked frames count: [B, M, codes]
      return span("loss", () => {
        const right = tf.oneHot(targets as tf.Tensor2D, this.config.codes);
        const loss = tf.logSumExp(logits, -1).sub(logits.mul(right).sum(-1)).mean() as tf.Scalar;
        const guesses = logits.argMax(-1) as tf.Tensor2D;
        const accuracy = guesses.equal(targets).cast("float32").mean() as tf.Scalar;
        return { loss, accuracy, targets: targets as tf.Tensor2D, guesses };
      });
    });
  }

  /** Floating-point operations of a forward pass over one utterance of so many feature frames, head included. */
  flops(frames: number): number {
    const encoded = Math.ceil(frames / this.stride);
    const head = 2 * encoded * this.config.width * this.config.codes;
    return this.layers.front.flops(frames) + this.layers.body.flops(encoded) + head;
  }

  /**
   * The model layer by layer: shapes, parameters and floating-point operations for audio of so many seconds (10).
   *
   * @throws RangeError where the length is not a positive number
   */
  summary({ seconds = 10 }: { readonly seconds?: number } = {}): Summary {
    if (!(seconds > 0) || !Number.isFinite(seconds)) {
      throw new RangeError(`Cannot summarise a model: the length must be a positive number of seconds, got ${seconds}`);
    }
    const frames = 1 + Math.floor(100 * seconds); // one feature frame every 10 ms, and one at the end
    return new Summary(this.toString(), rowsOf(this.layers, this.config, frames), seconds);
  }

  /** Frees parameters, quantizer and what was compiled. */
  dispose(): void {
    this.layers.dispose();
    disposeParameters(this.parameters);
    this.quantizer.dispose();
  }

  toString(): string {
    const { mixer, layers, width } = this.config;
    const count = (this.parameterCount / 1e6).toFixed(2);
    return `BEST-RQ with ${mixer}: ${layers} layers of width ${width}, ${count} million parameters, seed ${this.seed}`;
  }

  /** As the result of a cell, the model shows its {@link summary}. */
  [displaySymbol](): MimeBundle {
    return this.summary()[displaySymbol]();
  }

  /** Inside of other values and in `console.log`, one line. */
  [inspect.custom](): string {
    return this.toString();
  }

  /** Zero frames that the features lack on their left, where the switch asks for whole encoder frames. */
  private missingFrames({ shape: [, frames] }: tf.Tensor3D): number {
    return this.config.leftPadding ? this.encoderFrames(frames) * this.stride - frames : 0;
  }

  /** The batch with these frames. */
  private padded({ features, lengths }: Features): Features {
    const missing = this.missingFrames(features);
    if (missing === 0) return { features, lengths };
    const rows = [[0, 0], [missing, 0], [0, 0]] as [number, number][]; // biome-ignore format: one line
    return { features: tf.pad(features, rows), lengths: lengths.map((length) => length + missing) };
  }

  private check(features: tf.Tensor3D, lengths: readonly number[]): void {
    const [batch, frames, mels] = features.shape;
    if (features.rank !== 3 || mels !== this.config.mels || batch !== lengths.length) {
      throw new TypeError(
        `Cannot encode features of shape [${features.shape}] with ${lengths.length} lengths: ` +
          `they must be [B, T, ${this.config.mels}] with one length for each of the B utterances`,
      );
    }
    const wrong = lengths.findIndex((length) => !Number.isInteger(length) || length < 1 || length > frames);
    if (wrong >= 0) {
      throw new RangeError(
        `Cannot encode utterance ${wrong}: its length must be a whole number of frames from 1 to ${frames}, got ${lengths[wrong]}`,
      );
    }
  }
}
