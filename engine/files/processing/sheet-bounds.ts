import { Parser } from "saxen";
import { MAX_SHEET_PLACES, MAX_TABLE_COLUMNS } from "./limits.ts";
import { ProcessingProblem } from "./problem.ts";

/** The last row of a sheet of Excel. */
const LAST_ROW = 1_048_576;

interface Bounds {
  rows: number;
  columns: number;
  filled: number;
}

/**
 * Refuses a part of an xlsx that is a sheet with cells where none can be, or so far apart that the grid between them would
 * fill the memory: the library makes an array of the whole of it. Reads the part once, from its start, and holds four numbers.
 */
export function checkSheet(xml: string): void {
  const found: Bounds = { rows: 0, columns: 0, filled: 0 };
  let row = 0;
  let column = 0;
  let isRoot = true;
  const parser = new Parser();
  parser.on("openTag", (qualified, attributes) => {
    const name = localName(qualified);
    if (isRoot && name !== "worksheet") parser.stop();
    isRoot = false;
    if (name === "row") {
      row = rowOf(addressIn(attributes())) ?? row + 1;
      column = 0;
      checkPlace(row, 1);
    } else if (name === "c") {
      const at = placeOf(addressIn(attributes()));
      row = at?.row ?? row;
      column = at?.column ?? column + 1;
      checkPlace(row, column);
    } else if ((name === "v" || name === "is") && column > 0) {
      found.filled += 1;
      found.rows = Math.max(found.rows, row);
      found.columns = Math.max(found.columns, column);
    }
  });
  // What is no XML is the library's to refuse.
  parser.on("error", () => parser.stop());
  parser.parse(xml);
  const { rows, columns, filled } = found;
  if (rows * columns > MAX_SHEET_PLACES) {
    throw new ProcessingProblem(
      "unreadable",
      `a sheet of ${rows} rows and ${columns} columns has ${filled} filled cells: they are too far apart`,
    );
  }
}

function checkPlace(row: number, column: number): void {
  if (row >= 1 && row <= LAST_ROW && column >= 1 && column <= MAX_TABLE_COLUMNS) return;
  throw new ProcessingProblem("unreadable", `a sheet has a cell beyond row ${LAST_ROW} or column XFD: there are none`);
}

/** The attribute `r` of a cell or row, with whatever prefix: of several the library takes the last. */
function addressIn(attributes: Readonly<Record<string, string>>): string | undefined {
  let found: string | undefined;
  for (const name in attributes) if (localName(name) === "r") found = attributes[name];
  return found;
}

/** Of `XFD1048576`. */
function placeOf(address: string | undefined): { row: number; column: number } | undefined {
  if (address === undefined) return undefined;
  const [, letters, digits] = /^([A-Z]{1,6})([0-9]{1,10})$/.exec(address) ?? [];
  if (letters === undefined || digits === undefined) throw noAddress();
  let column = 0;
  for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64;
  return { row: Number(digits), column };
}

function rowOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[0-9]{1,10}$/.test(text)) throw noAddress();
  return Number(text);
}

/** The library counts on with whatever it makes of one: `1e9` is a row to it. */
function noAddress(): ProcessingProblem {
  return new ProcessingProblem("unreadable", "a cell of a sheet has an address that is none");
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}
