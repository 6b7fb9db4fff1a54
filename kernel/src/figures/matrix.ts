// Maps as plain numbers. Also used by the extension.

/** A map of numbers, row by row. */
export interface Matrix {
  readonly values: ArrayLike<number>;
  readonly rows: number;
  readonly columns: number;
}

/** Means over areas, so that no side has more than `most` cells. Cells that are not finite do not count. */
export function areaMean({ values, rows, columns }: Matrix, most: number): Matrix {
  const height = Math.min(rows, most);
  const width = Math.min(columns, most);
  if (height === rows && width === columns) return { values, rows, columns };
  const sums = new Float64Array(height * width);
  const counts = new Uint32Array(height * width);
  for (let row = 0; row < rows; row++) {
    const to = Math.floor((row * height) / rows) * width;
    for (let column = 0; column < columns; column++) {
      const value = values[row * columns + column];
      if (!Number.isFinite(value)) continue;
      const cell = to + Math.floor((column * width) / columns);
      sums[cell] += value;
      counts[cell]++;
    }
  }
  return { values: sums.map((sum, cell) => sum / counts[cell]), rows: height, columns: width };
}

/** Lowest and highest finite value; [0, 1] if there is none. */
export function extent(matrices: readonly Matrix[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { values } of matrices) {
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (value < low && value > Number.NEGATIVE_INFINITY) low = value;
      if (value > high && value < Number.POSITIVE_INFINITY) high = value;
    }
  }
  return low > high ? [0, 1] : [low, high];
}
