/** A PDF of these objects, numbered from 1; the first is its catalog. Without a table of them: readers then search. */
export function pdfOf(objects: readonly (string | Buffer)[], inTrailer = ""): Buffer {
  const numbered = objects.flatMap((body, index) => [
    Buffer.from(`${index + 1} 0 obj`),
    Buffer.from(body),
    endOfObject,
  ]);
  const trailer = `trailer<</Size ${objects.length + 1}/Root 1 0 R${inTrailer}>>\n%%EOF`;
  return Buffer.concat([Buffer.from("%PDF-1.4\n"), ...numbered, Buffer.from(trailer)]);
}

const endOfObject = Buffer.from("endobj\n");

export function streamOf(entries: string, content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([
    Buffer.from(`<<${entries}/Length ${bytes.length}>>stream\n`),
    bytes,
    Buffer.from("\nendstream "),
  ]);
}

/** One page of A4 with this content, in the font F1. */
export function pageOf(content: string | Buffer, font: string, inTrailer = ""): Buffer {
  const resources = "<</Font<</F1 5 0 R>>>>";
  return pdfOf(
    [
      "<</Type/Catalog/Pages 2 0 R>>",
      "<</Type/Pages/Kids[3 0 R]/Count 1>>",
      `<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources${resources}>>`,
      streamOf("", content),
      font,
    ],
    inTrailer,
  );
}

export const HELVETICA = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>";

/** A page with nothing on it but a text field, and what was filled in. */
export function filledForm(value: string): Buffer {
  const fonts = "/Resources<</Font<</F1 5 0 R>>>>";
  const field = `/Type/Annot/Subtype/Widget/FT/Tx/T(name)/V(${value})/Rect[72 690 500 720]/DA(/F1 20 Tf 0 g)/F 4`;
  const drawn = `/Tx BMC BT /F1 20 Tf 2 8 Td (${value}) Tj ET EMC`;
  return pdfOf([
    "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>",
    "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Annots[4 0 R]>>",
    `<<${field}/AP<</N 6 0 R>>>>`,
    HELVETICA,
    streamOf(`/Type/XObject/Subtype/Form/BBox[0 0 428 30]${fonts}`, drawn),
  ]);
}
