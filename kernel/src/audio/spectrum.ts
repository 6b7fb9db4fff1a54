// The power spectrum of windows of 400 samples. In plain JavaScript, whose arithmetic is the same on every machine, so
// that features do not depend on the backend, the processor or the thread that makes them. 400 is no power of two, which
// the packages at hand ask for.

/** Samples in one analysis window: 25 ms. */
export const windowLength = 400;
/** Frequencies of one spectrum, 0 to 8 kHz in steps of 40 Hz. */
export const bins = windowLength / 2 + 1;

/** The periodic Hamming window. */
const hamming = Float64Array.from(
  { length: windowLength },
  (_, n) => 0.54 - 0.46 * Math.cos((2 * Math.PI * n) / windowLength),
);
/** exp(-2πi k / 400) at 2k (real) and 2k + 1 (imaginary). */
const turns = Float64Array.from({ length: 2 * windowLength }, (_, i) => {
  const angle = (-2 * Math.PI * Math.floor(i / 2)) / windowLength;
  return i % 2 === 0 ? Math.cos(angle) : Math.sin(angle);
});

/** Complex numbers, real and imaginary parts apart. */
type Complex = readonly [Float64Array, Float64Array];
const complex = (): Complex => [new Float64Array(windowLength), new Float64Array(windowLength)];
const [first, second] = [complex(), complex()];

/**
 * The power spectra of two windows at once: one as the real, one as the imaginary part of a complex signal, whose
 * transform is then taken apart by its symmetry.
 *
 * @param samples holds 400 samples from `a` on, and from `b` on
 * @param powers two arrays of 201 numbers, written
 */
export function powerSpectra(samples: Float32Array, a: number, b: number, powers: readonly Float64Array[]): void {
  const [real, imaginary] = first;
  for (let n = 0; n < windowLength; n++) {
    real[n] = samples[a + n] * hamming[n];
    imaginary[n] = samples[b + n] * hamming[n];
  }
  transform();
  for (let k = 0; k < bins; k++) {
    const mirror = (windowLength - k) % windowLength;
    const [re, im, mirrorRe, mirrorIm] = [real[k], imaginary[k], real[mirror], imaginary[mirror]];
    powers[0][k] = ((re + mirrorRe) ** 2 + (im - mirrorIm) ** 2) / 4;
    powers[1][k] = ((re - mirrorRe) ** 2 + (im + mirrorIm) ** 2) / 4;
  }
}

/** The discrete Fourier transform of `first`, in place: Stockham's algorithm, 400 = 5 · 5 · 4 · 4. */
function transform(): void {
  fives(first, second, 80, 1);
  fives(second, first, 16, 5);
  fours(first, second, 4, 25);
  fours(second, first, 1, 100);
}

const [cos1, cos2] = [Math.cos((2 * Math.PI) / 5), Math.cos((4 * Math.PI) / 5)];
const [sin1, sin2] = [Math.sin((2 * Math.PI) / 5), Math.sin((4 * Math.PI) / 5)];

/** One step: `stride` interleaved transforms of length 5m become five times as many of length m. */
function fives([xr, xi]: Complex, [yr, yi]: Complex, m: number, stride: number): void {
  const step = stride * m;
  for (let p = 0; p < m; p++) {
    const turn = 2 * p * stride;
    const [c1, s1, c2, s2] = [turns[turn], turns[turn + 1], turns[2 * turn], turns[2 * turn + 1]];
    const [c3, s3, c4, s4] = [turns[3 * turn], turns[3 * turn + 1], turns[4 * turn], turns[4 * turn + 1]];
    for (let q = 0; q < stride; q++) {
      const from = q + stride * p;
      const to = q + stride * 5 * p;
      const zr = xr[from];
      const zi = xi[from];
      const ar = xr[from + step] + xr[from + 4 * step];
      const ai = xi[from + step] + xi[from + 4 * step];
      const br = xr[from + 2 * step] + xr[from + 3 * step];
      const bi = xi[from + 2 * step] + xi[from + 3 * step];
      const cr = xr[from + step] - xr[from + 4 * step];
      const ci = xi[from + step] - xi[from + 4 * step];
      const dr = xr[from + 2 * step] - xr[from + 3 * step];
      const di = xi[from + 2 * step] - xi[from + 3 * step];
      const er = zr + cos1 * ar + cos2 * br;
      const ei = zi + cos1 * ai + cos2 * bi;
      const fr = zr + cos2 * ar + cos1 * br;
      const fi = zi + cos2 * ai + cos1 * bi;
      const gr = sin1 * ci + sin2 * di;
      const gi = -sin1 * cr - sin2 * dr;
      const hr = sin2 * ci - sin1 * di;
      const hi = sin1 * dr - sin2 * cr;
      yr[to] = zr + ar + br;
      yi[to] = zi + ai + bi;
      yr[to + stride] = (er + gr) * c1 - (ei + gi) * s1;
      yi[to + stride] = (er + gr) * s1 + (ei + gi) * c1;
      yr[to + 2 * stride] = (fr + hr) * c2 - (fi + hi) * s2;
      yi[to + 2 * stride] = (fr + hr) * s2 + (fi + hi) * c2;
      yr[to + 3 * stride] = (fr - hr) * c3 - (fi - hi) * s3;
      yi[to + 3 * stride] = (fr - hr) * s3 + (fi - hi) * c3;
      yr[to + 4 * stride] = (er - gr) * c4 - (ei - gi) * s4;
      yi[to + 4 * stride] = (er - gr) * s4 + (ei - gi) * c4;
    }
  }
}

/** The same with four: `stride` transforms of length 4m become four times as many of length m. */
function fours([xr, xi]: Complex, [yr, yi]: Complex, m: number, stride: number): void {
  const step = stride * m;
  for (let p = 0; p < m; p++) {
    const turn = 2 * p * stride;
    const [c1, s1, c2, s2] = [turns[turn], turns[turn + 1], turns[2 * turn], turns[2 * turn + 1]];
    const [c3, s3] = [turns[3 * turn], turns[3 * turn + 1]];
    for (let q = 0; q < stride; q++) {
      const from = q + stride * p;
      const to = q + stride * 4 * p;
      const ar = xr[from] + xr[from + 2 * step];
      const ai = xi[from] + xi[from + 2 * step];
      const br = xr[from] - xr[from + 2 * step];
      const bi = xi[from] - xi[from + 2 * step];
      const cr = xr[from + step] + xr[from + 3 * step];
      const ci = xi[from + step] + xi[from + 3 * step];
      const dr = xi[from + step] - xi[from + 3 * step];
      const di = xr[from + 3 * step] - xr[from + step];
      yr[to] = ar + cr;
      yi[to] = ai + ci;
      yr[to + stride] = (br + dr) * c1 - (bi + di) * s1;
      yi[to + stride] = (br + dr) * s1 + (bi + di) * c1;
      yr[to + 2 * stride] = (ar - cr) * c2 - (ai - ci) * s2;
      yi[to + 2 * stride] = (ar - cr) * s2 + (ai - ci) * c2;
      yr[to + 3 * stride] = (br - dr) * c3 - (bi - di) * s3;
      yi[to + 3 * stride] = (br - dr) * s3 + (bi - di) * c3;
    }
  }
}
