import type { JsonValue } from "../model/index.ts";

/** How much there is to go through in a list or an object. */
export interface Measure {
  /** Items and members, of all that is in it. */
  readonly values: number;
  /** Of texts and keys. */
  readonly characters: number;
  /** Of lists and objects, itself among them. */
  readonly levels: number;
  /** As `jsonSize` has it. */
  readonly size: number;
}

/** What `jsonSize` takes each for, beside the characters of texts and keys. */
export const sizes = {
  /** A list or an object is as much in memory before there is anything in it. */
  container: 32,
  item: 1,
  /** Quotes, colon and comma. */
  member: 4,
  quotes: 2,
  null: 4,
  /** A number, or a boolean. */
  scalar: 8,
} as const;

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
  private size: number = sizes.container;

  get measure(): Measure {
    return { values: this.values, characters: this.characters, levels: this.levelsBelow + 1, size: this.size };
  }

  item(value: JsonValue): void {
    this.size += sizes.item;
    this.add(value);
  }

  member(key: string, value: JsonValue): void {
    this.size += sizes.member + key.length;
    this.characters += key.length;
    this.add(value);
  }

  /** An item, or with a key a member, that was measured already. */
  measured(key: string | null, measure: Measure): void {
    this.values += 1 + measure.values;
    this.characters += (key?.length ?? 0) + measure.characters;
    this.levelsBelow = Math.max(this.levelsBelow, measure.levels);
    this.size += (key === null ? sizes.item : sizes.member + key.length) + measure.size;
  }

  private add(value: JsonValue): void {
    this.values += 1;
    const levels = this.count(value);
    if (levels > this.levelsBelow) this.levelsBelow = levels;
  }

  /** @returns levels */
  private count(value: JsonValue): number {
    if (typeof value === "string") {
      this.characters += value.length;
      this.size += sizes.quotes + value.length;
      return 0;
    }
    if (typeof value !== "object" || value === null) {
      this.size += value === null ? sizes.null : sizes.scalar;
      return 0;
    }
    this.size += sizes.container;
    let below = 0;
    if (Array.isArray(value)) {
      this.values += value.length;
      this.size += value.length * sizes.item;
      for (const item of value as JsonValue[]) below = Math.max(below, this.count(item));
    } else {
      for (const key in value) {
        this.values += 1;
        this.characters += key.length;
        this.size += sizes.member + key.length;
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
