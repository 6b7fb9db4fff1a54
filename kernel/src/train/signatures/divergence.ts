import { median, remember } from "./robust";
import { type Rule, shown } from "./rule";

const length = 20;

/**
 * A loss that went up and stays: the median of the last 20 steps has lost a third of what the best 20 had gained on
 * guessing blindly (log of the codebook's size), half a nat at least; or it is worse than guessing blindly by one nat.
 */
export const divergence: Rule<{ losses: number[]; best: number | null }> = {
  name: "divergence",
  begin: () => ({ losses: [], best: null }),
  see({ loss }, state, { model }) {
    if (!Number.isFinite(loss)) return undefined;
    remember(state.losses, loss, length);
    if (state.losses.length < length) return undefined;
    const now = median(state.losses);
    const best = Math.min(state.best ?? now, now);
    state.best = best;
    const blind = Math.log(model.codes);
    if (now > blind + 1) return `The loss stays at ${shown(now)}, where guessing blindly gives ${shown(blind)}`;
    if (now - best < Math.max(0.5, (blind - best) / 3)) return undefined;
    return `The loss stays at ${shown(now)} after it had been at ${shown(best)}`;
  },
};
