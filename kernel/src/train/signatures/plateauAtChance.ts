import { median, remember } from "./robust";
import { type Rule, shown } from "./rule";

const length = 100;

/**
 * A loss that never leaves what guessing blindly gives, the log of the codebook's size: after half of the warm-up, and
 * 100 steps at least, the median of the last 100 is not yet 2 % below it.
 */
export const plateauAtChance: Rule<{ losses: number[] }> = {
  name: "plateau-at-chance",
  begin: () => ({ losses: [] }),
  see({ step, loss }, { losses }, { model, optimizer }) {
    if (Number.isFinite(loss)) remember(losses, loss, length);
    if (losses.length < length || step < optimizer.warmup / 2) return undefined;
    const [now, blind] = [median(losses), Math.log(model.codes)];
    if (now < 0.98 * blind || now > blind + 1) return undefined; // far above it, it diverges
    return `After ${step} steps the loss is ${shown(now)}, and guessing blindly gives ${shown(blind)}`;
  },
};
