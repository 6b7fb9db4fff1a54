/** From which hash on an entry is kept, a signed number of 32 bits, and what it is then multiplied by. */
export function thresholdOf(rate: number): { least: number; scale: number } {
  const least = Math.min(Math.round(rate * 2 ** 32), 2 ** 32 - 1) - 2 ** 31;
  return { least, scale: Math.fround(1 / (1 - rate)) };
}
