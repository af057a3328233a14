import { crc32, deflateSync } from "node:zlib";
import { pdfOf, streamOf } from "./pdf.ts";
import { docx, xlsx } from "./samples.ts";

const MIB = 1024 * 1024;

/** A small DOCX with a part that unpacks to more than is allowed, and says so. */
export function zipBomb(unpackedMiB: number): Buffer {
  return docx("Title", "Text", { "word/bomb.bin": new Uint8Array(unpackedMiB * MIB) });
}

/** The same, but its directory declares 100 bytes. */
export function lyingZipBomb(unpackedMiB: number): Buffer {
  const bomb = zipBomb(unpackedMiB);
  const name = bomb.lastIndexOf("word/bomb.bin");
  const entry = bomb.lastIndexOf(Buffer.from("PK\x01\x02", "latin1"), name);
  bomb.writeUInt32LE(100, entry + 24);
  return bomb;
}

/** Two cells at opposite corners: the grid between them would fill the heap. */
export function sparseXlsx(): Buffer {
  return sheetOf(rowOf("1", "A1") + rowOf("1048576", "XFD1048576"));
}

/** One cell where none can be; to a library that counts on from it, column 321,272,406. */
export function cellBeyondTheLast(address = "ZZZZZZ1"): Buffer {
  return sheetOf(rowOf("1", address));
}

/** One row that stands where none can be, as a number that is none of a row. */
export function rowBeyondTheLast(row: string): Buffer {
  return sheetOf(`<row r="${row}"></row>`);
}

/** Styled and empty cells to the end of each row, as an office leaves them behind: no data. */
export function styledToTheEnd(rows: number): Buffer {
  const row = (y: number) => `<row r="${y}"><c r="A${y}"><v>${y}</v></c><c r="XFD${y}" s="0"/></row>`;
  return sheetOf(Array.from({ length: rows }, (_, y) => row(y + 1)).join(""));
}

const rowOf = (row: string, cell: string) => `<row r="${row}"><c r="${cell}"><v>1</v></c></row>`;
const sheetOf = (rows: string) => xlsx({ Sheet1: [] }, rows);

/** Runs in runs in runs. */
export function deepDocx(depth: number): Buffer {
  const nested = `${"<w:r>".repeat(depth)}x${"</w:r>".repeat(depth)}`;
  return docx("Title", `</w:t></w:r>${nested}<w:r><w:t>`);
}

/** The head of a PNG of so many pixels, and next to nothing of its body. */
export function vastPng(width: number, height: number): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from("89504e470d0a1a0a", "hex");
  return Buffer.concat([
    signature,
    pngChunk("IHDR", head),
    pngChunk("IDAT", deflateSync("")),
    pngChunk("IEND", Buffer.alloc(0)),
  ]);
}

function pngChunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const chunk = Buffer.alloc(named.length + 8);
  chunk.writeUInt32BE(data.length, 0);
  named.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(named), chunk.length - 4);
  return chunk;
}

/** Forms that each draw all the others, so many times: one more form is so many times the work. */
export function loopingPdf(forms: number, times = 50): Buffer {
  const names = Array.from({ length: forms }, (_, index) => `F${index}`);
  const resources = `<</XObject<<${names.map((name, index) => `/${name} ${5 + index} 0 R`).join("")}>>>>`;
  const objects = names.map((own) => {
    const content = names
      .filter((name) => name !== own)
      .map((name) => `/${name} Do `.repeat(times))
      .join("");
    return streamOf(`/Type/XObject/Subtype/Form/BBox[0 0 1 1]/Resources${resources}`, content);
  });
  const drawAll = names.map((name) => `/${name} Do`).join(" ");
  return onePage(streamOf("", drawAll), resources, objects);
}

/** One page whose content, compressed twice, unpacks to 1 GiB. */
export function pdfBomb(): Buffer {
  const once = deflateSync(Buffer.alloc(1024 * MIB, " "), { level: 1 });
  return onePage(streamOf("/Filter[/FlateDecode/FlateDecode]", deflateSync(once, { level: 9 })));
}

function onePage(content: Buffer, resources = "<<>>", more: readonly Buffer[] = []): Buffer {
  return pdfOf([
    "<</Type/Catalog/Pages 2 0 R>>",
    "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    `<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Contents 4 0 R/Resources${resources}>>`,
    content,
    ...more,
  ]);
}
