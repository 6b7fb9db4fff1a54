// Our layers against reference vectors of the originals.
export { runVerify } from "./command";
export { verify, verifyFile } from "./verify";
