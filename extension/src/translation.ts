// The language of what we say. English until JupyterLab's translator is known.
import type { ITranslator, TranslationBundle } from "@jupyterlab/translation";

/** The part of a translation bundle that we use. */
type Strings = Pick<TranslationBundle, "__" | "_n">;

const inserted = (text: string, values: readonly unknown[]) =>
  text.replace(/%(\d+)/g, (mark, place) => String(values[Number(place) - 1] ?? mark));

/** Strings as they stand in the sources, with `%1`, `%2`, ... filled in. */
const english: Strings = {
  __: (text, ...values) => inserted(text, values),
  _n: (one, many, count, ...values) => inserted(count === 1 ? one : many, [count, ...values]),
};

let chosen = english;

/** Speaks the user's language from now on. */
export function speak(translator: ITranslator | null): void {
  chosen = translator?.load("bestrq") ?? english;
}

/** Strings in the user's language. Call it where the string is shown: at start-up the language is not known yet. */
export const trans: Strings = {
  __: (...text) => chosen.__(...text),
  _n: (...text) => chosen._n(...text),
};
