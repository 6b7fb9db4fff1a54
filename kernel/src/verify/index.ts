// Our layers against reference vectors of the originals.
export { runVerify } from "./command";
export { type Verdict, verify, verifyFile } from "./verify";
