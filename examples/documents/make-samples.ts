/**
 * Draws the two documents that the demo uploads. Run by hand after a change (`node dist/examples/documents/make-samples.js`),
 * with any sans-serif font installed; the files are committed.
 */
import { writeFile } from "node:fs/promises";
import sharp from "sharp";
import { HELVETICA, pageOf } from "../../tests/support/files/pdf.ts";

const A4_AT_150_DPI = { width: 1240, height: 1754 };
/** Of a line of the contract. */
const MAX_CHARACTERS = 70;

const items = [
  ["Steel shelving unit, 2.0 m", "4", "129.00", "516.00"],
  ["Packing table with drawer", "1", "340.50", "340.50"],
  ["Cardboard boxes, large (bundle of 50)", "6", "42.00", "252.00"],
  ["Delivery and installation", "1", "95.00", "95.00"],
] as const;

/** As SVG. */
function drawInvoice(): string {
  const drawn: string[] = [];
  const write = (text: string, x: number, y: number, font = "26px", anchor: "start" | "end" | "middle" = "start") => {
    const style = `font: ${font} DejaVu Sans, Arial, sans-serif`;
    drawn.push(`<text x="${x}" y="${y}" style="${style}" text-anchor="${anchor}" xml:space="preserve">${text}</text>`);
  };
  const rule = (y: number, width: number) => drawn.push(`<rect x="110" y="${y}" width="1020" height="${width}"/>`);
  write("Northwind Storage Ltd", 110, 160, "bold 42px");
  write("14 Harbour Road, Bristol BS1 6XN", 110, 205);
  write("INVOICE", 1130, 165, "bold 54px", "end");
  rule(245, 3);
  write("Invoice number: INV-2025-0417", 110, 310);
  write("Invoice date: 14 March 2025", 110, 352);
  write("Payment due: 13 April 2025", 110, 394);
  write("Bill to", 720, 310, "bold 26px");
  write("Acme Manufacturing", 720, 352);
  write("27 Mill Lane, Leeds LS2 8AB", 720, 394);

  const columns = [110, 760, 930, 1130] as const;
  const row = (cells: readonly string[], y: number, font?: string) =>
    cells.forEach((cell, index) => {
      write(cell, columns[index] ?? 0, y, font, index === 0 ? "start" : "end");
    });
  row(["Description", "Quantity", "Unit price", "Amount"], 520, "bold 26px");
  rule(540, 2);
  items.forEach((item, index) => {
    row(item, 595 + index * 60);
  });
  rule(810, 2);
  row(["", "", "Subtotal", "1,203.50"], 865);
  row(["", "", "VAT 20%", "240.70"], 915);
  row(["", "Total due", "", "GBP 1,444.20"], 985, "bold 32px");
  write("Please pay by bank transfer and quote the invoice number.", 110, 1130);
  write("Bank: Severn Valley Bank    Sort code: 20-45-77    Account: 31926819", 110, 1172);
  write("Thank you for your business.", 110, 1250);
  write("Registered in England, company number 07654321", 620, 1660, "20px", "middle");
  const { width, height } = A4_AT_150_DPI;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" fill="#23272b">
    <rect width="100%" height="100%" fill="#ffffff"/>${drawn.join("\n")}</svg>`;
}

/** A scan: slightly crooked, unevenly lit, dusty. */
async function scanOf(page: Buffer): Promise<Buffer> {
  const { width, height } = A4_AT_150_DPI;
  const crooked = await sharp(page)
    .rotate(0.7, { background: "#ffffff" })
    .resize(width, height, { fit: "cover" })
    .toBuffer();
  const shade = Buffer.from(
    `<svg width="${width}" height="${height}"><linearGradient id="g" x2="1" y2="1"><stop stop-color="#fdfcf8"/>` +
      `<stop offset="1" stop-color="#e6e4dc"/></linearGradient><rect width="100%" height="100%" fill="url(#g)"/></svg>`,
  );
  // Dust: noise of which only the rarest values stay. Grain all over would make the file four times as large.
  const noise = { type: "gaussian", mean: 128, sigma: 30 } as const;
  const dust = await sharp({ create: { width, height, channels: 3, background: "#ffffff", noise } })
    .threshold(52)
    .png()
    .toBuffer();
  return sharp(crooked)
    .composite([
      { input: shade, blend: "multiply" },
      { input: dust, blend: "multiply" },
    ])
    .blur(0.5)
    .greyscale()
    .png({ palette: true, colours: 16, dither: 0, compressionLevel: 9, effort: 10 })
    .withDensity(150)
    .toBuffer();
}

const contract = [
  "This agreement is made between Northwind Storage Ltd (the Provider) and Acme Manufacturing (the Customer). The Provider " +
    "keeps up to four hundred pallets of the Customer in its warehouse in Bristol, insured and at a constant temperature, and " +
    "delivers any of them within two working days of a written request.",
  "The Customer pays a monthly fee of 1,850.00 GBP, due on the first working day of each month. Either party may end this " +
    "agreement with three months of notice in writing. It takes effect on 1 April 2025 and is governed by the laws of England.",
];

function linesOf(text: string): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (longer.length > MAX_CHARACTERS) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

function drawContract(): Buffer {
  const show = (line: string) => `(${line.replace(/[()\\]/g, "\\$&")}) Tj T*`;
  const body = contract.map((paragraph) => [...linesOf(paragraph), ""].map(show).join("\n"));
  const content = ["BT /F1 20 Tf 72 742 Td (Service Agreement) Tj", "/F1 12 Tf 18 TL 0 -46 Td", ...body, "ET"].join(
    "\n",
  );
  return pageOf(content, HELVETICA);
}

await writeFile("examples/documents/invoice-scan.png", await scanOf(Buffer.from(drawInvoice())));
await writeFile("examples/documents/contract.pdf", drawContract());
