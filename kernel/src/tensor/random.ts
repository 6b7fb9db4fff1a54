// Random numbers that are the same on every machine and backend for the same seed.
import { recorder } from "./jit/recorder";
import { shapeOnly } from "./plan/backend";
import { isPlanning } from "./plan/planning";
import * as tf from "./tf";

/** All that a {@link Random} is: what a checkpoint keeps so that a run goes on as if it had not stopped. */
export interface RandomState {
  seed: number;
  words: [number, number, number, number];
}

/**
 * A stream of random numbers: xoshiro128** (Blackman and Vigna 2021, doi:10.1145/3460772), seeded by SplitMix64.
 * Not for secrets.
 */
export class Random {
  private readonly words = new Uint32Array(4);
  private ownSeed: number;

  /**
   * @param seed A whole number from 0 to 2^53 - 1.
   * @throws RangeError if it is not.
   */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed) || seed < 0)
      throw new RangeError(`Cannot seed: the seed must be a whole number from 0 to 2^53 - 1, got ${seed}`);
    this.ownSeed = seed;
    const [low, high] = splitMix64(BigInt(seed));
    this.words.set([low, low >> 32n, high, high >> 32n].map((word) => Number(word & 0xffffffffn)));
  }

  /** What the stream began from. */
  get seed(): number {
    return this.ownSeed;
  }

  /** Where the stream is; assign it to continue from there. Plain data, for JSON. */
  get state(): RandomState {
    return { seed: this.ownSeed, words: [...this.words] as RandomState["words"] };
  }

  set state({ seed, words }: RandomState) {
    const whole = (word: number) => Number.isInteger(word) && word >= 0 && word < 2 ** 32;
    if (!Number.isSafeInteger(seed) || words?.length !== 4 || !words.every(whole) || words.every((word) => word === 0))
      throw new TypeError(
        `Cannot restore a random state: it must be { seed, words: [4 of 32 bits] }, got ${JSON.stringify({ seed, words })}`,
      );
    this.ownSeed = seed;
    this.words.set(words);
  }

  /** A stream of its own for the part of a program that `name` names: the same however much of this one was drawn. */
  fork(name: string): Random {
    const [low] = splitMix64(fnv1a(`${this.ownSeed}/${name}`));
    return new Random(Number(low >> 11n));
  }

  /** A number in [0, 1), of 32 bits. */
  next(): number {
    refuseWhileRecording();
    return this.bits() / 2 ** 32;
  }

  /**
   * A whole number from 0 to `n - 1`, each equally likely.
   *
   * @throws RangeError if `n` is not a whole number from 1 to 2^32.
   */
  integer(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 32)
      throw new RangeError(`Cannot draw a whole number below n: n must be a whole number from 1 to 2^32, got ${n}`);
    refuseWhileRecording();
    const fair = 2 ** 32 - (2 ** 32 % n); // beyond it, small numbers would come once more
    for (;;) {
      const bits = this.bits();
      if (bits < fair) return bits % n;
    }
  }

  /**
   * `k` different whole numbers from 0 to `n - 1` in ascending order, each set of k equally likely (Floyd's algorithm).
   *
   * @throws RangeError unless 0 <= k <= n <= 2^32.
   */
  choose(n: number, k: number): number[] {
    if (![n, k].every((size) => Number.isInteger(size) && size >= 0) || k > n || n > 2 ** 32)
      throw new RangeError(`Cannot choose k of n: 0 <= k <= n <= 2^32 must hold, got k = ${k}, n = ${n}`);
    const chosen = new Set<number>();
    for (let last = n - k; last < n; last++) {
      const candidate = this.integer(last + 1);
      chosen.add(chosen.has(candidate) ? last : candidate);
    }
    return [...chosen].sort((a, b) => a - b);
  }

  /** A float32 tensor of numbers spread evenly over [low, high); of 24 bits, so that rounding to float32 adds none. */
  uniform<R extends tf.Rank = tf.Rank>(shape: tf.ShapeMap[R], low = 0, high = 1): tf.Tensor<R> {
    const { current } = recorder;
    if (current) return current.draw(this, { kind: "uniform", shape, parameters: [low, high] }) as tf.Tensor<R>;
    if (isPlanning()) return shapeOnly(shape);
    const values = new Float32Array(tf.util.sizeFromShape(shape));
    for (let i = 0; i < values.length; i++) values[i] = low + (high - low) * ((this.bits() >>> 8) / 2 ** 24);
    return tf.tensor(values, shape, "float32");
  }

  /** Two words of 32 random bits as an int32 tensor [2]: what a generator begins from that counts, as {@link dropout}'s. */
  key(): tf.Tensor1D {
    const { current } = recorder;
    if (current) return current.draw(this, { kind: "key", shape: [2], parameters: [] }) as tf.Tensor1D;
    return tf.tensor1d([this.bits() | 0, this.bits() | 0], "int32");
  }

  /** A float32 tensor of normally distributed numbers (Marsaglia's polar method). */
  normal<R extends tf.Rank = tf.Rank>(shape: tf.ShapeMap[R], mean = 0, std = 1): tf.Tensor<R> {
    const { current } = recorder;
    if (current) return current.draw(this, { kind: "normal", shape, parameters: [mean, std] }) as tf.Tensor<R>;
    if (isPlanning()) return shapeOnly(shape);
    const values = new Float32Array(tf.util.sizeFromShape(shape));
    for (let i = 0; i < values.length; i += 2) {
      const [first, second] = this.normalPair();
      values[i] = mean + std * first;
      if (i + 1 < values.length) values[i + 1] = mean + std * second;
    }
    return tf.tensor(values, shape, "float32");
  }

  private normalPair(): [number, number] {
    for (;;) {
      const u = 2 * this.next() - 1;
      const v = 2 * this.next() - 1;
      const square = u * u + v * v;
      if (square === 0 || square >= 1) continue;
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      return [u * scale, v * scale];
    }
  }

  /** 32 random bits as a whole number. */
  private bits(): number {
    const w = this.words;
    const scrambled = Math.imul(rotate(Math.imul(w[1], 5), 7), 9) >>> 0;
    const shifted = w[1] << 9;
    w[2] ^= w[0];
    w[3] ^= w[1];
    w[1] ^= w[2];
    w[0] ^= w[3];
    w[2] ^= shifted;
    w[3] = rotate(w[3], 11);
    return scrambled;
  }
}

function refuseWhileRecording(): void {
  if (recorder.current)
    throw new Error(
      "Cannot draw a single random number while jit records: it would be the same at every call. " +
        "Draw it outside of the function, or draw a tensor",
    );
}

function rotate(x: number, by: number): number {
  return (x << by) | (x >>> (32 - by));
}

/** The first two outputs of SplitMix64 (Steele, Lea and Flood 2014) from this state. */
function splitMix64(state: bigint): [bigint, bigint] {
  const mix = (step: bigint) => {
    let z = BigInt.asUintN(64, state + step * 0x9e3779b97f4a7c15n);
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    return z ^ (z >> 31n);
  };
  return [mix(1n), mix(2n)];
}

/** The 64-bit FNV-1a hash of a text's UTF-8 bytes. */
function fnv1a(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text, "utf8")) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}
