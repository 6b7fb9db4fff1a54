// Gradients that TensorFlow.js gets wrong, refuses without need, or computes in JavaScript, on every backend. Imported for its effect.
import * as tf from "../tf";
import { averagePooling } from "./averagePooling";
import { broadcasting } from "./broadcasting";
import { cumsum } from "./cumsum";
import { mirrorPad } from "./mirrorPad";
import { stepwise } from "./stepwise";
import { sums } from "./sums";
import { tile } from "./tile";

for (const gradient of [cumsum, mirrorPad, ...averagePooling, ...broadcasting, ...stepwise, ...sums, tile])
  tf.registerGradient(gradient);
