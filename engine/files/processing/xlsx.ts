import { stringify } from "csv-stringify/sync";
import readXlsxFile from "read-excel-file/node";
import { checkArchive } from "./archive.ts";
import type { CellValue, Extraction } from "./jobs.ts";
import { checkSheet } from "./sheet-bounds.ts";
import { checkRowCount, createTableListing } from "./table.ts";
import { measureText } from "./text.ts";

interface Sheet {
  readonly name: string;
  readonly rows: readonly (readonly CellValue[])[];
}

/** The content is each sheet as CSV, under its name where there are several; the rows are those of the first. */
export async function extractXlsx(path: string): Promise<Extraction> {
  const sheets = await readSheets(path);
  const listing = createTableListing();
  for (const row of sheets[0]?.rows ?? []) listing.add(row);
  const { rows, rowCount, rowsTruncated } = listing.result();
  const text = measureText(
    sheets
      .map((sheet) => (sheets.length > 1 ? `${sheet.name}\n` : "") + stringify(sheet.rows as CellValue[][]))
      .join("\n")
      .trim(),
  );
  return { ...text, truncated: text.truncated || rowsTruncated, sheetCount: sheets.length, rowCount, rows };
}

export async function firstSheet(path: string): Promise<readonly (readonly CellValue[])[]> {
  return (await readSheets(path))[0]?.rows ?? [];
}

async function readSheets(path: string): Promise<readonly Sheet[]> {
  await checkArchive(path, checkSheet);
  return (await readXlsxFile(path)).map(({ sheet, data }) => {
    checkRowCount(data.length);
    return { name: sheet, rows: data.map((row) => row.map(cellValue)) };
  });
}

/** Dates become ISO 8601 in UTC: a sheet knows no time zone. */
function cellValue(cell: unknown): CellValue {
  if (cell instanceof Date) return cell.toISOString();
  if (typeof cell === "string" || typeof cell === "number" || typeof cell === "boolean") return cell;
  return null;
}
