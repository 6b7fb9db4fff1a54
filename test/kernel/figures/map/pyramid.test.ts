import { levelsOf, spreadOf, tileSide, tiles } from "bestrq/figures/map/pyramid";
import { decode } from "bestrq/figures/map/scale";
import { expect, test } from "vitest";
import { numbers } from "../samples";

const [rows, columns] = [269, 541];
const next = numbers(3);
const values = Float32Array.from({ length: rows * columns }, () => next() - 0.2);
values[7] = Number.NaN;
const coding = spreadOf(values, false);
const all = [...tiles(values, rows, columns, coding)];

test("levelsOf() halves the sides that are long, and only those", () => {
  expect(levelsOf(8, 300).map(({ rows, columns }) => [rows, columns])).toEqual([
    [8, 300],
    [8, 150],
    [8, 75],
    [8, 38],
  ]);
  expect(levelsOf(1, 1)).toHaveLength(1);
});

test("tiles() of the finest level hold every cell", () => {
  const seen = new Float64Array(rows * columns).fill(Number.POSITIVE_INFINITY);
  for (const { row, column, codes } of all.filter(({ level }) => level === 0)) {
    const width = Math.min(tileSide, columns - column * tileSide);
    for (const [cell, code] of codes.entries()) {
      const at = (row * tileSide + Math.floor(cell / width)) * columns + column * tileSide + (cell % width);
      seen[at] = decode(code, coding);
    }
  }
  const step = (coding.high - coding.low) / 254;
  expect(seen[7]).toBeNaN();
  const errors = seen.map((value, cell) => (cell === 7 ? 0 : Math.abs(value - values[cell])));
  expect(errors.reduce((worst, error) => Math.max(worst, error))).toBeLessThanOrEqual(step / 2 + 1e-6);
});

test("tiles() of coarser levels hold means of the cells that are numbers", () => {
  const [, second] = levelsOf(rows, columns);
  const [tile] = all.filter(({ level }) => level === 1);
  const cell = (row: number, column: number) => values[row * columns + column];
  const mean = (cells: number[]) => cells.reduce((a, b) => a + b) / cells.length;
  const step = (coding.high - coding.low) / 254;
  expect([second.rows, second.columns]).toEqual([135, 271]);
  expect(Math.abs(decode(tile.codes[0], coding) - mean([cell(0, 0), cell(0, 1), cell(1, 0), cell(1, 1)]))).toBeLessThan(
    step,
  );
  expect(Math.abs(decode(tile.codes[3], coding) - mean([cell(0, 6), cell(1, 6), cell(1, 7)]))).toBeLessThan(step); // 7: none
  const lastRow = decode(tile.codes[134 * tileSide], coding); // 269 rows: the last has no partner
  expect(Math.abs(lastRow - mean([cell(268, 0), cell(268, 1)]))).toBeLessThan(step);
});

test("spreadOf() tells the ends, those of most cells, and whether few cells hold most", () => {
  const even = spreadOf(
    Float32Array.from({ length: 1009 }, (_, i) => i / 1008),
    false,
  );
  expect(even).toMatchObject({ low: 0, high: 1, steps: "even", skewed: false });
  expect(even.most[0]).toBeCloseTo(0.005, 3);
  expect(even.most[1]).toBeCloseTo(0.985, 2);
  const peaked = spreadOf(
    Float32Array.from({ length: 1009 }, (_, i) => (i % 97 === 0 ? 1 : 0.001)),
    false,
  );
  expect(peaked).toMatchObject({ steps: "cubic", skewed: true });
  expect(spreadOf([-2, 0, 0, 0, 0, 1], true)).toMatchObject({
    low: -2,
    high: 2,
    whole: [-2, 1],
    steps: "signed",
    skewed: true,
  });
  expect(spreadOf([Number.NaN], false)).toMatchObject({ low: 0, high: 1 });
});
