import { deviation, median, remember } from "./robust";
import { type Rule, shown } from "./rule";

const length = 50;
const fewest = 20;

/**
 * A loss that stands out of the last ones: above their median (of 50 steps) by more than six deviations, and by more than
 * a fifth of it, so that a loss which hardly varies does not raise the alarm. In the first 20 steps, when there is little
 * to compare with: above what guessing blindly gives by more than a fifth.
 */
export const lossSpike: Rule<{ losses: number[] }> = {
  name: "loss-spike",
  begin: () => ({ losses: [] }),
  see({ loss }, { losses }, { model }) {
    if (!Number.isFinite(loss)) return undefined;
    const early = losses.length < fewest;
    const [usual, spread] = early ? [Math.log(model.codes), 0] : [median(losses), deviation(losses)];
    remember(losses, loss, length);
    if (loss - usual <= Math.max(6 * spread, usual / 5)) return undefined;
    const compared = early ? `guessing blindly gives ${shown(usual)}` : `${shown(usual)} ± ${shown(spread)} was usual`;
    return `The loss jumped to ${shown(loss)} where ${compared}`;
  },
};
