// Training on many processes and machines.
export { alone, type Communicator } from "./communicator";
export { type SumOptions, sumGradients } from "./gradients";
