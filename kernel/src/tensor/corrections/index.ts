// Gradients that TensorFlow.js gets wrong, or refuses without need, on every backend. Imported for its effect.
import * as tf from "../tf";
import { averagePooling } from "./averagePooling";
import { broadcasting } from "./broadcasting";
import { cumsum } from "./cumsum";
import { mirrorPad } from "./mirrorPad";
import { stepwise } from "./stepwise";

for (const gradient of [cumsum, mirrorPad, ...averagePooling, ...broadcasting, ...stepwise])
  tf.registerGradient(gradient);
