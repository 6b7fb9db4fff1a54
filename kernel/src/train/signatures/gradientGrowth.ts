import { deviation, median, remember } from "./robust";
import { type Rule, shown } from "./rule";

const length = 100;
const fewest = 20;

/**
 * Gradient norms that jump or grow, on a logarithmic scale. A jump stands above the median of the last 100 steps (20 at
 * least) by more than six deviations and by more than tenfold. They grow where the median of the last 20 is more than
 * five times that of the first 20 among the last 100.
 */
export const gradientGrowth: Rule<{ logs: number[] }> = {
  name: "gradient-growth",
  begin: () => ({ logs: [] }),
  see({ gradientNorm }, { logs }) {
    if (!Number.isFinite(gradientNorm) || gradientNorm <= 0) return undefined;
    const log = Math.log(gradientNorm);
    const usual = median(logs);
    const jumped = logs.length >= fewest && log - usual > Math.max(6 * deviation(logs), Math.log(10));
    remember(logs, log, length);
    if (jumped) return `The gradient norm jumped to ${shown(gradientNorm)} where ${shown(Math.exp(usual))} was usual`;
    if (logs.length < length) return undefined;
    const [before, now] = [median(logs.slice(0, fewest)), median(logs.slice(-fewest))];
    if (now - before < Math.log(5)) return undefined;
    return `The gradient norm grew from ${shown(Math.exp(before))} to ${shown(Math.exp(now))} within ${length} steps`;
  },
};
