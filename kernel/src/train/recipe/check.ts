// Holds plain data to rules: names every field that breaks one, what it may be, and what a misspelt one was meant to be.

/** What one field may be. */
export interface Rule {
  /** In words: the field "must be" this. */
  readonly must: string;
  holds(value: unknown): boolean;
  readonly optional?: boolean;
}

/** Rules of an object, field by field. */
export type Rules = { readonly [field: string]: Rule | Rules | { readonly optional: true; readonly rules: Rules } };

/** A number that keeps a rule; never NaN. */
export const number = (must: string, keeps: (value: number) => boolean): Rule => ({
  must,
  holds: (value) => typeof value === "number" && keeps(value),
});

/** A whole number from `least` on. */
export const whole = (least: number): Rule =>
  number(`a whole number from ${least}`, (value) => Number.isSafeInteger(value) && value >= least);

/** One of some words. */
export const oneOf = (...words: string[]): Rule => ({
  must: `one of ${words.join(", ")}`,
  holds: (value) => words.includes(value as string),
});

export const text: Rule = { must: "text", holds: (value) => typeof value === "string" };
export const yesOrNo: Rule = { must: "true or false", holds: (value) => typeof value === "boolean" };

/** A list that keeps a rule. */
export const list = (must: string, keeps: (values: unknown[]) => boolean): Rule => ({
  must,
  holds: (value) => Array.isArray(value) && keeps(value),
});

/** What may be left out. */
export function optional(rule: Rule): Rule;
export function optional(rules: Rules): { optional: true; rules: Rules };
export function optional(rule: Rule | Rules): Rule | { optional: true; rules: Rules } {
  return isRule(rule) ? { ...rule, optional: true } : { optional: true, rules: rule };
}

/** All faults of a value, a line each; none where it keeps all rules. */
export function faults(value: unknown, rules: Rules, path = ""): string[] {
  const at = (name: string) => (path === "" ? name : `${path}.${name}`);
  if (!isObject(value)) return [`${path} must be an object with ${Object.keys(rules).join(", ")}, got ${shown(value)}`];
  const known = Object.entries(rules).flatMap(([name, rule]) => {
    const field = value[name];
    const mayMiss = "optional" in rule && rule.optional === true;
    if (field === undefined && mayMiss) return [];
    if (!isRule(rule)) return faults(field, isObject(rule.rules) ? (rule.rules as Rules) : (rule as Rules), at(name));
    return rule.holds(field) ? [] : [`${at(name)} must be ${rule.must}, got ${shown(field)}`];
  });
  return [...unknownFields(value, rules, at), ...known];
}

/** A line for each field that there is no rule for. */
export function unknownFields(value: object, rules: Rules, at = (name: string) => name): string[] {
  const names = Object.keys(rules);
  return Object.keys(value)
    .filter((name) => !Object.hasOwn(rules, name))
    .map((name) => {
      const meant = nearest(name, names);
      return `${at(name)} is not known${meant ? `: ${at(meant)} may be meant` : ""}. There are ${names.join(", ")}`;
    });
}

/** The name that takes the fewest changes to reach, if it takes few; capitals do not count. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const [best] = names
    .map((candidate) => ({ candidate, changes: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.changes - b.changes);
  return best && best.changes <= Math.max(2, name.length / 3) ? best.candidate : undefined;
}

/** Letters to insert, delete or replace (Levenshtein 1966). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[to.length];
}

const isRule = (rule: object): rule is Rule => "must" in rule;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const shown = (value: unknown): string => (value === undefined ? "nothing" : JSON.stringify(value));
