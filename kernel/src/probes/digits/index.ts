export { runProbe } from "./command";
export { type DigitSummary, digitTable, summarise } from "./report";
export { type DigitResults, type DigitRow, readDigits } from "./results";
export { type DigitSettings, digitSettings } from "./settings";
export { type DigitOptions, digits } from "./study";
