/**
 * Draws the two documents that the demo uploads. Run by hand after a change (`node dist/examples/documents/make-samples.js`),
 * with any sans-serif font installed; the files are committed.
 */
import { writeFile } from "node:fs/promises";
import { createCanvas, PDFDocument, type SKRSContext2D } from "@napi-rs/canvas";
import sharp from "sharp";

const A4_AT_150_DPI = { width: 1240, height: 1754 };
const A4_POINTS = { width: 595, height: 842 };

const items = [
  ["Steel shelving unit, 2.0 m", "4", "129.00", "516.00"],
  ["Packing table with drawer", "1", "340.50", "340.50"],
  ["Cardboard boxes, large (bundle of 50)", "6", "42.00", "252.00"],
  ["Delivery and installation", "1", "95.00", "95.00"],
] as const;

function drawInvoice(context: SKRSContext2D): void {
  const write = (
    text: string,
    x: number,
    y: number,
    font = "26px DejaVu Sans, Arial, sans-serif",
    align: "left" | "right" | "center" = "left",
  ) => {
    context.font = font;
    context.textAlign = align;
    context.fillText(text, x, y);
  };
  const rule = (y: number, width: number) => context.fillRect(110, y, 1020, width);
  context.fillStyle = "#23272b";
  write("Northwind Storage Ltd", 110, 160, "bold 42px DejaVu Sans, Arial, sans-serif");
  write("14 Harbour Road, Bristol BS1 6XN", 110, 205);
  write("INVOICE", 1130, 165, "bold 54px DejaVu Sans, Arial, sans-serif", "right");
  rule(245, 3);
  write("Invoice number: INV-2025-0417", 110, 310);
  write("Invoice date: 14 March 2025", 110, 352);
  write("Payment due: 13 April 2025", 110, 394);
  write("Bill to", 720, 310, "bold 26px DejaVu Sans, Arial, sans-serif");
  write("Acme Manufacturing", 720, 352);
  write("27 Mill Lane, Leeds LS2 8AB", 720, 394);

  const columns = [110, 760, 930, 1130] as const;
  const row = (cells: readonly string[], y: number, font?: string) =>
    cells.forEach((cell, index) => {
      write(cell, columns[index] ?? 0, y, font, index === 0 ? "left" : "right");
    });
  row(["Description", "Quantity", "Unit price", "Amount"], 520, "bold 26px DejaVu Sans, Arial, sans-serif");
  rule(540, 2);
  items.forEach((item, index) => {
    row(item, 595 + index * 60);
  });
  rule(810, 2);
  row(["", "", "Subtotal", "1,203.50"], 865);
  row(["", "", "VAT 20%", "240.70"], 915);
  row(["", "Total due", "", "GBP 1,444.20"], 985, "bold 32px DejaVu Sans, Arial, sans-serif");
  write("Please pay by bank transfer and quote the invoice number.", 110, 1130);
  write("Bank: Severn Valley Bank    Sort code: 20-45-77    Account: 31926819", 110, 1172);
  write("Thank you for your business.", 110, 1250);
  write("Registered in England, company number 07654321", 620, 1660, "20px DejaVu Sans, Arial, sans-serif", "center");
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
  ["Service Agreement", 20, 0],
  [
    "This agreement is made between Northwind Storage Ltd (the Provider) and Acme Manufacturing (the Customer). The Provider " +
      "keeps up to four hundred pallets of the Customer in its warehouse in Bristol, insured and at a constant temperature, and " +
      "delivers any of them within two working days of a written request.",
    12,
    46,
  ],
  [
    "The Customer pays a monthly fee of 1,850.00 GBP, due on the first working day of each month. Either party may end this " +
      "agreement with three months of notice in writing. It takes effect on 1 April 2025 and is governed by the laws of England.",
    12,
    150,
  ],
] as const;

function drawContract(): Buffer {
  const pdf = new PDFDocument({ title: "Service Agreement" });
  const context = pdf.beginPage(A4_POINTS.width, A4_POINTS.height);
  for (const [text, size, top] of contract) {
    context.font = `${size}px DejaVu Sans, Arial, sans-serif`;
    let line = "";
    let y = 100 + top;
    for (const word of text.split(" ")) {
      if (context.measureText(`${line} ${word}`).width > 450) {
        context.fillText(line, 72, y);
        y += size * 1.5;
        line = word;
      } else {
        line = `${line} ${word}`.trim();
      }
    }
    context.fillText(line, 72, y);
  }
  pdf.endPage();
  return pdf.close();
}

const canvas = createCanvas(A4_AT_150_DPI.width, A4_AT_150_DPI.height);
const context = canvas.getContext("2d");
context.fillStyle = "#ffffff";
context.fillRect(0, 0, canvas.width, canvas.height);
drawInvoice(context);
await writeFile("examples/documents/invoice-scan.png", await scanOf(canvas.toBuffer("image/png")));
await writeFile("examples/documents/contract.pdf", drawContract());
