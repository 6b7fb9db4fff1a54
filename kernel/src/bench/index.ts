// How fast the models are, and where their time goes.
export { runBench } from "./command";
