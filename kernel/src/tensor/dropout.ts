// Dropout as an op of our own, the same on every backend to the last bit. What it draws is computed from where an entry
// is: nothing is drawn one after the other, and no mask has to be kept for the gradient.
import { dropCompiled } from "./dropout/compiled";
import { recordDropout } from "./dropout/recorded";
import { recorder } from "./jit/recorder";
import type { Random } from "./random";
import * as tf from "./tf";

/**
 * Sets entries to zero at this rate and scales up the others, by 1 / (1 - rate) (Srivastava et al. 2014, JMLR 15).
 *
 * Two words k₀, k₁ are drawn from `random` at each call. The entry at place i of the flat tensor is dropped where
 * mix(mix(i ⊕ k₀) ⊕ k₁) < rate · 2³², mix being the finaliser of MurmurHash3 (Appleby 2011), a permutation of 32-bit
 * words: a key-alternating cipher of two rounds (Even and Mansour 1997, doi:10.1007/s001459900025) in counter mode, in
 * the way of Salmon et al. 2011 (doi:10.1145/2063384.2063405) with a cheaper cipher. Not for secrets.
 *
 * @param x float32, of any shape
 * @param rate from 0 to below 1
 * @param random where the two words come from; inside of `jit`, an argument of the compiled function
 * @throws RangeError if the rate is none
 * @throws TypeError if x is not float32
 */
export function dropout<T extends tf.Tensor>(x: T, rate: number, random: Random): T {
  if (!(rate >= 0 && rate < 1)) throw new RangeError(`Cannot drop: the rate must be from 0 to below 1, got ${rate}`);
  if (x.dtype !== "float32") throw new TypeError(`Cannot drop: x must be a float32 tensor, got ${x.dtype}`);
  return tf.tidy(() => {
    const key = random.key();
    return tf.engine().runKernel("Dropout", { x, key }, { rate }) as T;
  });
}

type Call = { inputs: { x: tf.Tensor; key: tf.Tensor }; attrs: { rate: number }; backend: tf.KernelBackend };

const computed: tf.KernelFunc = (call) => {
  const { inputs, attrs, backend } = call as unknown as Call;
  const { x, key } = inputs;
  if (recorder.current) return recordDropout(recorder.current, x, key, attrs.rate);
  return dropCompiled(backend, x, backend.readSync(key.dataId) as Int32Array, attrs.rate);
};

for (const backendName of ["tensorflow", "wasm", "cpu"]) {
  tf.registerKernel({ kernelName: "Dropout", backendName, kernelFunc: computed });
}

// The same entries of the gradient are dropped: it takes the key again, not the mask.
tf.registerGradient({
  kernelName: "Dropout",
  inputsToSave: ["key"],
  gradFunc: (dy, [key], attrs) => ({
    x: () => tf.engine().runKernel("Dropout", { x: dy as tf.Tensor, key }, attrs) as tf.Tensor,
    key: () => tf.zerosLike(key),
  }),
});
