import type { CellValue, TableRow } from "./jobs.ts";
import { MAX_LISTED_ROWS, MAX_LISTED_ROWS_CHARACTERS, MAX_TABLE_COLUMNS, MAX_TABLE_ROWS } from "./limits.ts";
import { ProcessingProblem } from "./problem.ts";
import { storable } from "./text.ts";

/** A column name each: an empty one becomes `column_3`, a repeated one `name_2`. */
export function columnNames(header: readonly CellValue[]): readonly string[] {
  if (header.length > MAX_TABLE_COLUMNS) {
    throw new ProcessingProblem("unreadable", `the table has more than ${MAX_TABLE_COLUMNS} columns`);
  }
  const taken = new Set<string>();
  const next = new Map<string, number>();
  return header.map((cell, index) => {
    const wanted = storable(String(cell ?? "")).trim() || `column_${index + 1}`;
    let name = wanted;
    let count = next.get(wanted) ?? 2;
    while (taken.has(name)) name = `${wanted}_${count++}`;
    next.set(wanted, count);
    taken.add(name);
    return name;
  });
}

/** Cells beyond the header are named by their position; missing ones are null. */
export function rowObject(names: readonly string[], cells: readonly CellValue[]): TableRow {
  const width = Math.max(names.length, cells.length);
  return Object.fromEntries(
    Array.from({ length: width }, (_, index) => {
      const cell = cells[index] ?? null;
      return [names[index] ?? `column_${index + 1}`, typeof cell === "string" ? storable(cell) : cell];
    }),
  );
}

/** Takes rows as they are read: counts them all, keeps the first. The first row of all is the header. */
export function createTableListing(): {
  add(cells: readonly CellValue[]): void;
  result(): { readonly rows: readonly TableRow[]; readonly rowCount: number; readonly rowsTruncated: boolean };
} {
  let names: readonly string[] | undefined;
  const rows: TableRow[] = [];
  let rowCount = 0;
  let characters = 0;
  return {
    add(cells) {
      if (names === undefined) {
        names = columnNames(cells);
        return;
      }
      rowCount++;
      checkRowCount(rowCount);
      if (rows.length < rowCount - 1 || rows.length === MAX_LISTED_ROWS) return;
      const row = rowObject(names, cells);
      characters += JSON.stringify(row).length;
      if (characters <= MAX_LISTED_ROWS_CHARACTERS) rows.push(row);
    },
    result: () => ({ rows, rowCount, rowsTruncated: rows.length < rowCount }),
  };
}

export function checkRowCount(count: number): void {
  if (count > MAX_TABLE_ROWS) {
    throw new ProcessingProblem("unreadable", `the table has more than ${MAX_TABLE_ROWS} rows`);
  }
}
