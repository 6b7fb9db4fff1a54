// Steps of runs that never were, for rules to look at.
import { Random } from "bestrq/tensor";
import type { WatchedStep } from "bestrq/train";

type Course = (step: number, jitter: number) => Partial<WatchedStep>;

/**
 * A run of 100 times 256 codes that goes well, but for what `course` says of a step: its loss falls from 5.6 to 3, with
 * noise of a twentieth of a nat.
 */
export function stream(steps: number, course: Course = () => ({}), seed = 1): WatchedStep[] {
  const noise = new Random(seed).fork("stream").normal([steps, 2], 0, 1).arraySync() as number[][];
  return noise.map(([first, second], index) => {
    const step = index + 1;
    const loss = 3 + 2.6 * Math.exp(-step / 60) + 0.05 * first;
    const healthy = { step, loss, gradientNorm: 1.5 * Math.exp(0.2 * second), codesInUse: 0.7, codesGuessed: 0.2 };
    return { ...healthy, ...course(step, first) };
  });
}
