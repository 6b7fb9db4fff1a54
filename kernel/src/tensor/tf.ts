// The one door to TensorFlow.js: its Node build of tfjs-core alone registers no gradients, `@tensorflow/tfjs` does.
import * as tfjs from "@tensorflow/tfjs";

export * from "@tensorflow/tfjs";

/** As TensorFlow.js's, which has no gradient without offset and scale: these are zeros and ones then. */
export const batchNorm: typeof tfjs.batchNorm = (x, mean, variance, offset, scale, epsilon) =>
  tfjs.tidy(() => {
    const [zeros, ones] = [tfjs.zerosLike(mean), tfjs.onesLike(mean)] as [typeof mean, typeof mean];
    return tfjs.batchNorm(x, mean, variance, offset ?? zeros, scale ?? ones, epsilon);
  });
