import { type Column, type Displayable, type Drawable, displaySymbol, type Figure, table } from "../figures";

/** Rows that show themselves as a table, and can be gone through. */
export class Listing<Row extends object> implements Displayable, Drawable, Iterable<Row> {
  constructor(
    readonly title: string,
    readonly rows: readonly Row[],
    private readonly columns: readonly (string | Column)[],
  ) {}

  [Symbol.iterator](): Iterator<Row> {
    return this.rows[Symbol.iterator]();
  }

  figure(): Figure {
    return table(this.rows, { columns: this.columns, title: this.title });
  }

  [displaySymbol]() {
    return this.figure()[displaySymbol]();
  }
}
