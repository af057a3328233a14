import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { strToU8, zipSync } from "fflate";
import sharp from "sharp";
import { pdfOf, streamOf } from "./pdf.ts";

/** Tests run compiled, from dist/engine/files/testing: the repository is four levels up. */
const documents = join(import.meta.dirname, "../../../../examples/documents");

export const invoiceScan = () => readFile(join(documents, "invoice-scan.png"));
export const contractPdf = () => readFile(join(documents, "contract.pdf"));

/** A PDF whose pages are the scanned invoice, without a text layer. */
export async function scannedPdf(pageCount = 1): Promise<Buffer> {
  const { data, info } = await sharp(await invoiceScan())
    .toColourspace("b-w")
    .raw()
    .toBuffer({ resolveWithObject: true });
  const size = `/Width ${info.width}/Height ${info.height}`;
  const image = `/Type/XObject/Subtype/Image${size}/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode`;
  const pages = Array.from({ length: pageCount }, (_, index) => `${index + 5} 0 R`);
  const page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 3 0 R/Resources<</XObject<</Scan 4 0 R>>>>>>";
  return pdfOf([
    "<</Type/Catalog/Pages 2 0 R>>",
    `<</Type/Pages/Kids[${pages.join(" ")}]/Count ${pageCount}>>`,
    streamOf("", "595 0 0 842 0 0 cm /Scan Do"),
    streamOf(image, deflateSync(data)),
    ...pages.map(() => page),
  ]);
}

const contentTypes = (part: string, type: string) =>
  `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
  <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
  <Override PartName="${part}" ContentType="application/vnd.openxmlformats-officedocument.${type}+xml"/></Types>`;

const relationships = (...targets: string[]) =>
  `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${targets
    .map((target, index) => {
      const kind = target.includes("sheet") ? "worksheet" : "officeDocument";
      return `<Relationship Id="rId${index + 1}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/${kind}" Target="${target}"/>`;
    })
    .join("")}</Relationships>`;

const archive = (parts: Record<string, string | Uint8Array>) =>
  Buffer.from(
    zipSync(
      Object.fromEntries(
        Object.entries(parts).map(([name, part]) => [name, typeof part === "string" ? strToU8(part) : part]),
      ),
    ),
  );

/** `extra` parts ride along unread. */
export function docx(heading: string, paragraph: string, extra: Record<string, Uint8Array> = {}): Buffer {
  return archive({
    "[Content_Types].xml": contentTypes("/word/document.xml", "wordprocessingml.document.main"),
    "_rels/.rels": relationships("word/document.xml"),
    "word/document.xml": `<?xml version="1.0"?>
      <w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>
      <w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>${heading}</w:t></w:r></w:p>
      <w:p><w:r><w:t xml:space="preserve">${paragraph} </w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>bold</w:t></w:r></w:p>
      </w:body></w:document>`,
    "word/styles.xml": `<?xml version="1.0"?>
      <w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">
      <w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/></w:style></w:styles>`,
    ...extra,
  });
}

/** Strings and numbers, one array per sheet. `sheetXml` replaces the rows of the first. */
export function xlsx(sheets: Record<string, readonly (readonly (string | number)[])[]>, sheetXml?: string): Buffer {
  const names = Object.keys(sheets);
  const cell = (value: string | number) =>
    typeof value === "number" ? `<c><v>${value}</v></c>` : `<c t="inlineStr"><is><t>${value}</t></is></c>`;
  const column = (index: number) => String.fromCharCode(65 + index);
  const parts = Object.values(sheets).map((rows, sheet) => {
    const data = rows
      .map((row, y) => {
        const cells = row.map((value, x) => cell(value).replace("<c", `<c r="${column(x)}${y + 1}"`));
        return `<row r="${y + 1}">${cells.join("")}</row>`;
      })
      .join("");
    const body = sheet === 0 && sheetXml !== undefined ? sheetXml : data;
    return [
      `xl/worksheets/sheet${sheet + 1}.xml`,
      `<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${body}</sheetData></worksheet>`,
    ];
  });
  return archive({
    "[Content_Types].xml": contentTypes("/xl/workbook.xml", "spreadsheetml.sheet.main"),
    "_rels/.rels": relationships("xl/workbook.xml"),
    "xl/workbook.xml": `<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
      xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>${names
        .map((name, index) => `<sheet name="${name}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`)
        .join("")}</sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": relationships(...names.map((_, index) => `worksheets/sheet${index + 1}.xml`)),
    ...Object.fromEntries(parts),
  });
}

/** The container of an old Word document: its signature, and a folder entry of that name. */
export function oldWord(entry = "WordDocument"): Buffer {
  const content = Buffer.alloc(2048);
  Buffer.from("d0cf11e0a1b11ae1", "hex").copy(content);
  Buffer.from(entry, "utf16le").copy(content, 1024);
  return content;
}
