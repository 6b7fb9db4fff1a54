// Quantities as people read them. Also used by the extension.

/** `117.7 MiB`; below one KiB exact. */
export function bytes(count: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  const sign = count < 0 ? "-" : "";
  let size = Math.abs(count);
  let unit = 0;
  for (; size >= 1024 && unit < units.length - 1; unit++) size /= 1024;
  return `${sign}${unit === 0 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}

/** `123,456,789 bytes`: what is stored, to the last byte. */
export const exactBytes = (count: number): string => `${grouped(count)} bytes`;

/** `1,234,567` */
export const grouped = (value: number): string => Math.round(value).toLocaleString("en-US");

/** A number in few characters: 4 significant digits, without trailing zeros. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return grouped(value);
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3) return value.toExponential(2).replace("e+", "e");
  return String(Number(value.toPrecision(4)));
}

/** `1.25 s`, `2 min 5 s`, `3 h 20 min` */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** At most `most` characters of a name; what a long path begins with says less than how it ends. */
export const clipped = (name: string, most: number): string => (name.length > most ? `…${name.slice(1 - most)}` : name);
