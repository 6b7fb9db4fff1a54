// The sound of figures saved before it was FLAC: IMA ADPCM, four bits a sample, each a step from the one before.

const changes = [-1, -1, -1, -1, 2, 4, 6, 8];
/** Step sizes, each about a tenth greater than the one before. */
const sizes = Array.from({ length: 89 }, (_, index) => Math.round(7 * 1.1 ** index));

/** @returns `count` samples at most, as a WAV file */
export function adpcmToWav(bytes: Uint8Array, rate: number, count: number): DataView<ArrayBuffer> {
  const length = Math.min(count, 2 * bytes.length);
  const wav = wavOf(length, Math.round(rate));
  let [sample, index] = [0, 0];
  for (let i = 0; i < length; i++) {
    const code = (bytes[i >> 1] >> (4 * (i & 1))) & 15;
    const step = ((2 * (code & 7) + 1) * sizes[index]) / 8;
    sample = Math.max(-32768, Math.min(32767, Math.round(sample + (code & 8 ? -step : step))));
    index = Math.max(0, Math.min(sizes.length - 1, index + changes[code & 7]));
    wav.setInt16(headerBytes + 2 * i, sample, true);
  }
  return wav;
}

const headerBytes = 44;

/** A mono WAV file of silence, 16 bits a sample. */
function wavOf(length: number, rate: number): DataView<ArrayBuffer> {
  const wav = new DataView(new ArrayBuffer(headerBytes + 2 * length));
  const texts: [number, string][] = [
    [0, "RIFF"],
    [8, "WAVEfmt "],
    [36, "data"],
  ];
  for (const [at, text] of texts)
    for (const [i, letter] of [...text].entries()) wav.setUint8(at + i, letter.charCodeAt(0));
  const wholes = { 4: headerBytes - 8 + 2 * length, 16: 16, 24: rate, 28: 2 * rate, 40: 2 * length };
  for (const [at, value] of Object.entries(wholes)) wav.setUint32(Number(at), value, true);
  const halves = { 20: 1, 22: 1, 32: 2, 34: 16 };
  for (const [at, value] of Object.entries(halves)) wav.setUint16(Number(at), value, true);
  return wav;
}
