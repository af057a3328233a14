import { type ElementType, encodeArray } from "./binary-array.ts";

/** A column of a batch: its name, its Postgres type, and where its value comes from. */
export interface Column<Row> {
  readonly name: string;
  readonly type: ElementType;
  /** Text for text, json and uuid, a number for the others (boolean: 0 or 1; timestamptz: ms since the epoch), or null. */
  readonly value: (row: Row) => string | number | null;
}

/** A set of rows that travels as one array per column. */
export interface Batch<Row> {
  readonly columns: readonly Column<Row>[];
  readonly names: string;
  /** `unnest($3::bigint[], $4::text[]) AS alias("id", "name")`, its parameters counted from `first`. */
  source(alias: string, first: number): string;
  /** One array a column, in the order of `source`. */
  arrays(rows: readonly Row[]): Buffer[];
}

export function batch<Row>(columns: readonly Column<Row>[]): Batch<Row> {
  const names = columns.map((column) => `"${column.name}"`).join(", ");
  return {
    columns,
    names,
    source: (alias, first) =>
      `unnest(${columns.map((column, i) => `$${first + i}::${column.type}[]`).join(", ")}) AS ${alias}(${names})`,
    arrays: (rows) => columns.map((column) => encodeArray(column.type, rows, column.value)),
  };
}

export function json(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}
