import { knownMeasure, type Measure } from "../engine/index.ts";

/** An object of an answer takes about as long to make as so many values of an argument, or characters of it, to go through. */
const VALUES_PER_OBJECT = 20;
const CHARACTERS_PER_OBJECT = 1_024;
/** Above this nothing is admitted: what is beyond is not counted. */
const MAX_VALUES = 250_000;

/** The most values that arguments may have which weigh no more than so many objects. */
export function valuesWorth(objects: number): number {
  return objects * VALUES_PER_OBJECT;
}

/** What arguments add to the cost of an operation, in objects; 0 for all but large ones. Bounded itself, and no recursion. */
export function argumentWeight(args: unknown): number {
  let values = 0;
  let characters = 0;
  const open: unknown[] = [args];
  while (open.length > 0 && values < MAX_VALUES) {
    const value = open.pop();
    if (typeof value === "string") characters += value.length;
    if (typeof value !== "object" || value === null) continue;
    const known = knownMeasure(value);
    if (known !== undefined) {
      values += known.values;
      characters += known.characters;
    } else if (Array.isArray(value)) {
      values += value.length;
      for (let i = 0; i < value.length && i < MAX_VALUES; i++) open.push(value[i]);
    } else {
      for (const key in value) {
        values += 1;
        characters += key.length;
        open.push((value as Readonly<Record<string, unknown>>)[key]);
      }
    }
  }
  return weightOf({ values, characters });
}

export function weightOf({ values, characters }: Pick<Measure, "values" | "characters">): number {
  return Math.floor(values / VALUES_PER_OBJECT + characters / CHARACTERS_PER_OBJECT);
}
