/** The types of content that the service knows, by their usual extension. */
export const fileTypes = {
  pdf: { mimeType: "application/pdf", extensions: ["pdf"] },
  doc: { mimeType: "application/msword", extensions: ["doc"] },
  docx: { mimeType: "application/vnd.openxmlformats-officedocument.wordprocessingml.document", extensions: ["docx"] },
  xlsx: { mimeType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", extensions: ["xlsx"] },
  csv: { mimeType: "text/csv", extensions: ["csv"] },
  txt: { mimeType: "text/plain", extensions: ["txt"] },
  json: { mimeType: "application/json", extensions: ["json"] },
  markdown: { mimeType: "text/markdown", extensions: ["md", "markdown"] },
  png: { mimeType: "image/png", extensions: ["png"] },
  jpg: { mimeType: "image/jpeg", extensions: ["jpg", "jpeg"] },
  webp: { mimeType: "image/webp", extensions: ["webp"] },
} as const satisfies Record<string, { mimeType: string; extensions: readonly string[] }>;

export type FileType = keyof typeof fileTypes;

/** The extensions that an upload may have unless the service is configured otherwise. */
export const defaultAcceptedExtensions = ["pdf", "doc", "docx", "txt", "csv", "xlsx", "jpg", "jpeg", "png"] as const;

const byExtension = new Map<string, FileType>();
const byMimeType = new Map<string, FileType>();
for (const [type, { mimeType, extensions }] of Object.entries(fileTypes)) {
  byMimeType.set(mimeType, type as FileType);
  for (const extension of extensions) byExtension.set(extension, type as FileType);
}

/** `jpg` and `jpeg` are one type. Case and a leading dot do not matter. */
export function fileTypeOfExtension(extension: string): FileType | undefined {
  return byExtension.get(extension.toLowerCase().replace(/^\./, ""));
}

export function fileTypeOfMimeType(mimeType: string): FileType | undefined {
  return byMimeType.get(mimeType);
}
