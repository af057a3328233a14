import mammoth from "mammoth";
import TurndownService from "turndown";
import { checkArchive } from "./archive.ts";
import type { Extraction } from "./jobs.ts";
import { measureText } from "./text.ts";

export async function extractDocx(path: string): Promise<Extraction> {
  return measureText(await docxToText(path));
}

export async function docxToText(path: string): Promise<string> {
  await checkArchive(path);
  const { value } = await mammoth.extractRawText({ path });
  return value.trim();
}

/** Headings, lists, emphasis, links. Pictures are left out: Markdown could only hold them as huge data URLs. */
export async function docxToMarkdown(path: string): Promise<string> {
  await checkArchive(path);
  const { value: html } = await mammoth.convertToHtml(
    { path },
    { convertImage: mammoth.images.imgElement(async () => ({ src: "" })) },
  );
  const turndown = new TurndownService({ headingStyle: "atx", bulletListMarker: "-", codeBlockStyle: "fenced" });
  return `${turndown.remove("img").turndown(html)}\n`;
}
