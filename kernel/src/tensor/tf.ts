// The one door to TensorFlow.js: its Node build of tfjs-core alone registers no gradients, `@tensorflow/tfjs` does.
export * from "@tensorflow/tfjs";
