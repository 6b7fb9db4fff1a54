import type { Rule } from "./rule";

/**
 * Few codes where there should be many, among those of the last 100 steps: the quantizer gives masked frames less than
 * 1 % of the codebook, or two codes; or, once the warm-up is over, the model guesses less than a tenth of the codes that
 * masked frames have.
 */
export const codeCollapse: Rule<null> = {
  name: "code-collapse",
  begin: () => null,
  see({ step, codesInUse, codesGuessed }, _, { model: { codes }, optimizer }) {
    if (codesInUse === undefined || codesGuessed === undefined || step < 100) return undefined;
    const [targets, guesses] = [Math.round(codesInUse * codes), Math.round(codesGuessed * codes)];
    if (targets <= Math.max(2, codes / 100)) {
      return `Masked frames have ${targets} of ${codes} codes in the last 100 steps: there is little to learn`;
    }
    if (step < optimizer.warmup || guesses >= targets / 10) return undefined;
    return `Of the ${targets} codes that masked frames have in the last 100 steps, the model guesses ${guesses}`;
  },
};
