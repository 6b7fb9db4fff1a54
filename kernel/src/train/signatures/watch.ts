import type { RecipeFields } from "../recipe";
import { messageOf } from "./advice";
import { codeCollapse } from "./codeCollapse";
import { divergence } from "./divergence";
import { gradientGrowth } from "./gradientGrowth";
import { lossSpike } from "./lossSpike";
import { notFinite } from "./notFinite";
import { overAggregation, type SeenMaps } from "./overAggregation";
import { plateauAtChance } from "./plateauAtChance";
import type { Rule, WatchedStep } from "./rule";
import type { Signature, SignatureName } from "./signature";

const ofSteps = [notFinite, lossSpike, gradientGrowth, divergence, plateauAtChance, codeCollapse] as Rule<unknown>[];
const ofMaps = [overAggregation] as Rule<unknown, SeenMaps>[];

/** Steps without a sign after which it is over, and is told anew if it returns. */
const calm = 100;

/** What a {@link Watch} knows: plain data, to be stored with a checkpoint. */
export interface WatchState {
  /** What each rule remembers. */
  readonly rules: Readonly<Record<string, unknown>>;
  /** At which step each signature that is not over was last seen. */
  readonly lastSeen: Readonly<Record<string, number>>;
}

/**
 * Watches a run for what goes wrong in pre-training, and tells each signature in one line when it begins; again only
 * after it was away for 100 steps. It looks at numbers alone, and costs next to nothing.
 *
 * @example
 * const watch = new train.Watch(new train.Recipe({ mixer: "mamba", size: "tiny" }));
 * const broken = { loss: Number.NaN, gradientNorm: 1 };
 * const [signature] = watch.step({ step: 1, ...broken });
 * signature.name; // "not-finite"
 * watch.step({ step: 2, ...broken }); // []
 */
export class Watch {
  private readonly states: Record<string, unknown>;
  private readonly lastSeen: Record<string, number>;

  /** @param state what {@link state} was at a checkpoint, to go on from there */
  constructor(
    private readonly recipe: RecipeFields,
    state?: WatchState,
  ) {
    const { rules, lastSeen } = structuredClone(state ?? { rules: {}, lastSeen: {} });
    this.states = Object.fromEntries(
      [...ofSteps, ...ofMaps].map(({ name, begin }) => [name, name in rules ? rules[name] : begin()]),
    );
    this.lastSeen = lastSeen;
  }

  /** A copy of what it knows. */
  get state(): WatchState {
    return structuredClone({ rules: this.states, lastSeen: this.lastSeen });
  }

  /** Takes a step in, and gives the signatures that begin at it. */
  step(metrics: WatchedStep): Signature[] {
    return this.look(ofSteps, metrics);
  }

  /** The same of the model's maps at a step: the rows of `maps.statistics`, influence among them. */
  maps(step: number, rows: SeenMaps["rows"]): Signature[] {
    return this.look(ofMaps, { step, rows });
  }

  /** The same of the largest batch, before the first step: what the planner says of it, where it will not fit. */
  batch(warning: string | undefined): Signature[] {
    return this.tell("batch-too-large", 0, warning);
  }

  private look<Seen extends { readonly step: number }>(rules: Rule<unknown, Seen>[], seen: Seen): Signature[] {
    return rules.flatMap(({ name, see }) => this.tell(name, seen.step, see(seen, this.states[name], this.recipe)));
  }

  private tell(name: SignatureName, step: number, noticed: string | undefined): Signature[] {
    const before = this.lastSeen[name];
    if (noticed !== undefined) this.lastSeen[name] = step;
    else if (step - before > calm) delete this.lastSeen[name];
    if (noticed === undefined || before !== undefined) return [];
    return [{ name, step, message: messageOf(name, noticed, this.recipe) }];
  }
}
