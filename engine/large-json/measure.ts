import type { JsonValue } from "../json.ts";

/** How much there is to go through in a list or an object. */
export interface Measure {
  /** Items and members, of all that is in it. */
  readonly values: number;
  /** Of texts and keys. */
  readonly characters: number;
  /** Of lists and objects, itself among them. */
  readonly levels: number;
}

const known = new WeakMap<object, Measure>();

/** What the thread that has parsed a large list or object has found; undefined for all others. */
export function knownMeasure(value: object): Measure | undefined {
  return known.get(value);
}

export function keepMeasure<T extends object>(value: T, measure: Measure): T {
  known.set(value, measure);
  return value;
}

/** Measures a list or an object by what it is told of its items or members. By recursion: not for what may be deep. */
export class Meter {
  private values = 0;
  private characters = 0;
  private levelsBelow = 0;

  get measure(): Measure {
    return { values: this.values, characters: this.characters, levels: this.levelsBelow + 1 };
  }

  item(value: JsonValue): void {
    this.values += 1;
    const levels = this.count(value);
    if (levels > this.levelsBelow) this.levelsBelow = levels;
  }

  member(key: string, value: JsonValue): void {
    this.characters += key.length;
    this.item(value);
  }

  /** An item, or a member, that was measured already. */
  measured(key: string, measure: Measure): void {
    this.values += 1 + measure.values;
    this.characters += key.length + measure.characters;
    this.levelsBelow = Math.max(this.levelsBelow, measure.levels);
  }

  /** @returns levels */
  private count(value: JsonValue): number {
    if (typeof value === "string") this.characters += value.length;
    if (typeof value !== "object" || value === null) return 0;
    let below = 0;
    if (Array.isArray(value)) {
      this.values += value.length;
      for (const item of value as JsonValue[]) below = Math.max(below, this.count(item));
    } else {
      for (const key in value) {
        this.values += 1;
        this.characters += key.length;
        below = Math.max(below, this.count((value as Readonly<Record<string, JsonValue>>)[key]!));
      }
    }
    return below + 1;
  }
}

export function measureOf(value: object): Measure {
  const meter = new Meter();
  if (Array.isArray(value)) for (const item of value) meter.item(item);
  else for (const [key, member] of Object.entries(value)) meter.member(key, member);
  return meter.measure;
}
