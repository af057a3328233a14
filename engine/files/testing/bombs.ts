import { deflateSync } from "node:zlib";
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

/** Two cells at opposite corners: the grid between them fills the heap. */
export function sparseXlsx(): Buffer {
  const row = (y: number, cell: string) => `<row r="${y}"><c r="${cell}"><v>1</v></c></row>`;
  return xlsx({ Sheet1: [] }, row(1, "A1") + row(1048576, "XFD1048576"));
}

/** One page whose content, compressed twice, unpacks to 1 GiB. */
export function pdfBomb(): Buffer {
  const once = deflateSync(Buffer.alloc(1024 * MIB, " "), { level: 1 });
  return pdfWithContent(deflateSync(once, { level: 9 }), "[/FlateDecode/FlateDecode]");
}

function pdfWithContent(content: Buffer, filter: string): Buffer {
  const objects = [
    "<</Type/Catalog/Pages 2 0 R>>",
    "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Contents 4 0 R/Resources<<>>>>",
  ].map((body, index) => `${index + 1} 0 obj${body}endobj\n`);
  const stream = `4 0 obj<</Length ${content.length}/Filter ${filter}>>stream\n`;
  // Without a cross-reference table: readers then search for the objects.
  return Buffer.concat([
    Buffer.from(`%PDF-1.4\n${objects.join("")}${stream}`),
    content,
    Buffer.from("\nendstream endobj\ntrailer<</Size 5/Root 1 0 R>>\n%%EOF"),
  ]);
}
