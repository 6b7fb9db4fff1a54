// What many processes would take, from what few were measured to take.

/**
 * What a message between two processes costs: `latency` + bytes / `bandwidth` (Hockney 1994). The name says whether it was
 * measured or is assumed.
 */
export interface Network {
  readonly name: string;
  /** Seconds until the first byte arrives. */
  readonly latency: number;
  /** Bytes a second. */
  readonly bandwidth: number;
}

/** Networks that clusters have, as their makers tell. Nothing here was measured. */
export const assumedNetworks: readonly Network[] = [
  { name: "10 Gbit/s Ethernet, assumed", latency: 30e-6, bandwidth: 1.25e9 },
  { name: "100 Gbit/s InfiniBand, assumed", latency: 2e-6, bandwidth: 12.5e9 },
];

/** One step of training, as one process does it. */
export interface StepCost {
  /** Seconds of forward and backward pass over this process's batches, and of the optimizer. */
  readonly compute: number;
  /** Seconds that copy the gradients from tensors and back. */
  readonly copy: number;
  /** Bytes of all gradients: four times the parameters. */
  readonly bytes: number;
  /** Bytes that are exchanged at once. */
  readonly bucketBytes: number;
}

/** What a step takes on a number of processes. */
export interface Scaled {
  readonly processes: number;
  /** Bytes that each process sends, and receives, in a step. */
  readonly traffic: number;
  /** Seconds of exchange, were nothing done beside it. */
  readonly exchange: number;
  /** Seconds of a step. */
  readonly step: number;
  /** Share of a step in which a process computes: speech a second, divided by what the same processes would do apart. */
  readonly efficiency: number;
  /** Seconds of a step if all exchange that fits ran beside the backward pass: the least that overlap could reach. */
  readonly overlapped: number;
}

/** Forward and backward pass take one and two parts. */
const backwardShare = 2 / 3;

/** Bytes that each process sends where N of them sum so many: 2 (N − 1) / N times as many (ring; Patarasuk & Yuan 2009). */
export const ringTraffic = (bytes: number, processes: number): number => (2 * (processes - 1) * bytes) / processes;

/** Seconds of such a sum: in each of 2 (N − 1) rounds a message of 1 / N of the bytes. */
export const ringSeconds = (bytes: number, processes: number, { latency, bandwidth }: Network): number =>
  2 * (processes - 1) * latency + ringTraffic(bytes, processes) / bandwidth;

/**
 * Estimates a step for each number of processes. Every process keeps its own batches, so that a step of N processes goes
 * over N times as much speech. Copying one bucket and exchanging another go on at once: of b buckets, the longer of the two
 * counts b − 1 times, and both once more. All processes are alike, the network serves all pairs at full speed at once, and
 * nobody waits for another: the estimate is a bound from below.
 *
 * @throws RangeError where a number is not what it may be
 * @example
 * const network = { name: "ours", latency: 1e-5, bandwidth: 1e9 };
 * const cost = { compute: 1, copy: 0, bytes: 4e8, bucketBytes: 4e8 };
 * const [, two] = parallel.scaling(cost, network, [1, 2]);
 * two.traffic; // 400000000
 * two.step.toFixed(2); // "1.40"
 */
export function scaling(cost: StepCost, network: Network, processes: readonly number[]): Scaled[] {
  const numbers = { ...cost, latency: network.latency, bandwidth: network.bandwidth };
  const mayBeZero = ["copy", "latency"];
  for (const [name, value] of Object.entries(numbers)) {
    const holds = Number.isFinite(value) && (value > 0 || (value === 0 && mayBeZero.includes(name)));
    const least = mayBeZero.includes(name) ? "0 or more" : "above 0";
    if (!holds) throw new RangeError(`Cannot estimate scaling: ${name} must be ${least}, got ${value}`);
  }
  const wrong = processes.find((count) => !(Number.isSafeInteger(count) && count >= 1));
  if (wrong !== undefined) {
    throw new RangeError(`Cannot estimate scaling: processes must be whole numbers from 1, got ${wrong}`);
  }
  return processes.map((count) => scaledTo(count, cost, network));
}

function scaledTo(processes: number, { compute, copy, bytes, bucketBytes }: StepCost, network: Network): Scaled {
  if (processes === 1) {
    return { processes, traffic: 0, exchange: 0, step: compute, efficiency: 1, overlapped: compute };
  }
  const buckets = Math.ceil(bytes / bucketBytes);
  const each = ringSeconds(bytes / buckets, processes, network);
  const exchange = buckets * each;
  const step = compute + copy / buckets + each + (buckets - 1) * Math.max(copy / buckets, each);
  const beside = Math.min(exchange - each, backwardShare * compute); // the last bucket has nothing to hide behind
  const overlapped = Math.min(step, compute + copy + exchange - beside);
  return { processes, traffic: ringTraffic(bytes, processes), exchange, step, efficiency: compute / step, overlapped };
}

/** A sum of so many bytes, and the seconds it took. */
export interface Timed {
  readonly bytes: number;
  readonly seconds: number;
}

/**
 * The latency and bandwidth that explain measured sums best: least squares of relative errors, so that small messages
 * count as much as large ones. A latency below 0 is taken for 0.
 *
 * @throws RangeError for one process, or for fewer than two sizes
 */
export function fitNetwork(name: string, processes: number, measured: readonly Timed[]): Network {
  if (!(processes > 1) || new Set(measured.map(({ bytes }) => bytes)).size < 2) {
    throw new RangeError("Cannot fit a network: sums of two sizes or more over two processes or more are needed");
  }
  // seconds = a + b · bytes, each line divided by its seconds: a / s + b · bytes / s = 1
  const [aa, ab, bb, a1, b1] = measured.reduce(
    ([aa, ab, bb, a1, b1], { bytes, seconds }) => {
      const [u, v] = [1 / seconds, bytes / seconds];
      return [aa + u * u, ab + u * v, bb + v * v, a1 + u, b1 + v];
    },
    [0, 0, 0, 0, 0],
  );
  const determinant = aa * bb - ab * ab;
  const constant = (bb * a1 - ab * b1) / determinant;
  const slope = constant > 0 ? (aa * b1 - ab * a1) / determinant : b1 / bb;
  return {
    name,
    latency: Math.max(0, constant) / (2 * (processes - 1)),
    bandwidth: ringTraffic(1, processes) / slope,
  };
}
