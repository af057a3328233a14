import type { Written } from "../large-json/index.ts";
import { type Element, type ElementType, encodeArray } from "./binary-array.ts";
import type { Pieces } from "./pieces.ts";

/** A column of a batch: its name, its Postgres type, and where its value comes from. */
export interface Column<Row> {
  readonly name: string;
  readonly type: ElementType;
  /** Text for text, json and uuid, a number for the others (boolean: 0 or 1; timestamptz: ms since the epoch), or null. */
  readonly value: (row: Row, written: Written) => Element;
}

/** A set of rows that travels as one array per column. */
export interface Batch<Row> {
  readonly columns: readonly Column<Row>[];
  readonly names: string;
  /** `unnest($3::bigint[], $4::text[]) AS alias("id", "name")`, its parameters counted from `first`. */
  source(alias: string, first: number): string;
  /** One array a column, in the order of `source`. */
  arrays(rows: readonly Row[], written: Written): (Buffer | Pieces)[];
}

export function batch<Row>(columns: readonly Column<Row>[]): Batch<Row> {
  const names = columns.map((column) => `"${column.name}"`).join(", ");
  return {
    columns,
    names,
    source: (alias, first) =>
      `unnest(${columns.map((column, i) => `$${first + i}::${column.type}[]`).join(", ")}) AS ${alias}(${names})`,
    arrays: (rows, written) => columns.map((column) => encodeArray(column.type, rows, column.value, written)),
  };
}

/** What is large is written before, in slices. */
export function json(value: unknown, written: Written): Element {
  if (value === null || value === undefined) return null;
  return (written.size === 0 ? undefined : written.get(value)) ?? JSON.stringify(value);
}
