// Training on many processes and machines.
export { alone, type Communicator } from "./communicator";
export { type SumOptions, sumGradients } from "./gradients";
export { communicator } from "./mpi";
export {
  assumedNetworks,
  fitNetwork,
  type Network,
  ringSeconds,
  ringTraffic,
  type Scaled,
  type StepCost,
  scaling,
  type Timed,
} from "./scaling";
