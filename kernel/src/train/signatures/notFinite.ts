import { type Rule, shown } from "./rule";

/** A loss or a gradient norm that is no number, or beyond all numbers. */
export const notFinite: Rule<null> = {
  name: "not-finite",
  begin: () => null,
  see({ loss, gradientNorm }) {
    if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) return undefined;
    return `The loss is ${shown(loss)}, the gradient norm ${shown(gradientNorm)}`;
  },
};
