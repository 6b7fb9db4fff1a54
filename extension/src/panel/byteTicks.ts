// Ticks at round numbers of bytes, KiB, MiB or GiB.

export function byteTicks(high: number, count: number): { tickvals: number[]; ticktext: string[] } {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(high) / 10)));
  const unit = 1024 ** power;
  const rough = high / unit / Math.max(1, Math.floor(count));
  const ten = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * ten).find((size) => size >= rough * 0.999) ?? 10 * ten;
  const steps = Array.from({ length: Math.floor(high / unit / step) + 1 }, (_, index) => index * step);
  return {
    tickvals: steps.map((size) => size * unit),
    ticktext: steps.map((size) => (size === 0 ? "0" : `${Number(size.toPrecision(6))} ${units[power]}`)),
  };
}
