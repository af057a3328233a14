import { randomBytes } from "node:crypto";
import type { JsonValue } from "../model/index.ts";
import { LARGE } from "./size.ts";

/** No client can know it, and so no text of a client can hold it. */
const mark = `stored-${randomBytes(16).toString("hex")}-`;
const marks = new RegExp(`"${mark}(\\d+)"`, "g");

/** What is being written by `stringifyStored`; null: nobody is. */
let writing: string[] | null = null;

/**
 * JSON on its way out that is text already, of clients as Postgres gave it or of a constant: it is copied into the answer as
 * it is, neither parsed nor written.
 * Whoever writes it with JSON.stringify gets the value that it stands for, at the price of parsing it.
 */
export class StoredJson {
  private constructor(private readonly text: string) {}

  /** The value of a JSON text; one that is large is left as it is. */
  static of(text: string): JsonValue {
    if (text.length <= LARGE) return JSON.parse(text) as JsonValue;
    return new StoredJson(text) as unknown as JsonValue;
  }

  /** Of a constant, written here once. */
  static written(value: JsonValue): JsonValue {
    return new StoredJson(JSON.stringify(value)) as unknown as JsonValue;
  }

  toJSON(): unknown {
    if (writing === null) return JSON.parse(this.text);
    writing.push(this.text);
    return `${mark}${writing.length - 1}`;
  }
}

/** As JSON.stringify; what is stored is put in as it is. */
export function stringifyStored(value: unknown): string {
  const stored: string[] = [];
  writing = stored;
  let text: string;
  try {
    text = JSON.stringify(value);
  } finally {
    writing = null;
  }
  // The function keeps `$` of the texts from being read as references.
  return stored.length === 0 ? text : text.replace(marks, (_, index: string) => stored[Number(index)]!);
}
